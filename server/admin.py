"""Who may change the catalogue: whoever knows the admin key."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request

from features.errors import VisualSearchError
from server.loading import current_settings

_P = ParamSpec("_P")
_T = TypeVar("_T")
_SCHEME = "bearer "


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
        _check()
        return view(*args, **kwargs)

    return guarded


def is_admin() -> bool:
    """Whether the request carries the admin key."""
    key = current_settings().admin_key
    header = request.headers.get("Authorization", "")
    sent = header[len(_SCHEME) :] if header.lower().startswith(_SCHEME) else ""
    # WSGI gives a header's bytes as Latin-1.
    same = hmac.compare_digest(sent.strip().encode("latin-1", "replace"), key.encode())
    return bool(key) and same


def _check() -> None:
    if not current_settings().admin_key:
        raise WritesDisabledError(
            "Changes are switched off here; set VISUAL_SEARCH_ADMIN_KEY to allow them."
        )
    if not is_admin():
        raise AdminKeyError("Send the admin key in the header: Authorization: Bearer KEY.")
