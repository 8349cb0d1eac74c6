"""A product that the parameter `product_id` names: any id.

Browsers and clients resolve `.` and `..` in the path of an address, proxies often slashes too, and
an id that ends as the address of what belongs to a product does is taken for that.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import request

from features.errors import InvalidQueryError

_P = ParamSpec("_P")
_T = TypeVar("_T")


def by_parameter(view: Callable[Concatenate[str, _P], _T]) -> Callable[_P, _T]:
    """A view of a product, for an address without its id."""

    @wraps(view)
    def named(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return view(_named(), *args, **kwargs)

    return named


def _named() -> str:
    """The id as it is sent.

    Raises:
        InvalidQueryError: the address names no product, or several.
    """
    ids = request.args.getlist("product_id")
    if len(ids) != 1 or not ids[0]:
        raise InvalidQueryError("Name one product in the address: ?product_id=ID.")
    return ids[0]
