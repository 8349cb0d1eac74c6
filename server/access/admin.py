"""Who may change the catalogue: whoever knows an admin key."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from features.errors import VisualSearchError
from server.access.callers import any_admin_key, current_caller

_P = ParamSpec("_P")
_T = TypeVar("_T")


class WritesDisabledError(VisualSearchError):
    """The shop has set no admin key."""

    code = "writes_disabled"


class AdminKeyError(VisualSearchError):
    """The request carries no key, or a wrong one."""

    code = "admin_key_needed"


def admin_only(view: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let only requests with the admin key through, before anything of their body is read.

    Raises:
        WritesDisabledError: there is no admin key that could be right.
        AdminKeyError: the key is missing or wrong.
    """

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        check_admin()
        return view(*args, **kwargs)

    return guarded


def is_admin() -> bool:
    """Whether the request carries an admin key."""
    return current_caller().is_admin


def check_admin() -> None:
    """Refuse the request at hand unless it carries an admin key; raises as `admin_only`."""
    if is_admin():
        return
    if not any_admin_key():
        raise WritesDisabledError(
            "Changes are switched off here; set VISUAL_SEARCH_ADMIN_KEY to allow them."
        )
    raise AdminKeyError("Send an admin key in the header: Authorization: Bearer KEY.")
