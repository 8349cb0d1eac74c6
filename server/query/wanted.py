"""What a request wants its answer to hold: the parameters that all searches share."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from flask import Request

from features.errors import InvalidQueryError
from features.filters import parse_filters
from features.search import MAX_LIMIT, MAX_OFFSET
from features.types import Emphasis, Fallback, Wanted

_LONGEST_LIST = 1_000
_MOST_DIGITS = 9  # Python reads no number of thousands of them
Choice = TypeVar("Choice", bound=StrEnum)


def wanted_from(request: Request, default_limit: int) -> Wanted:
    """`limit`, `offset`, `threshold`, `filter`, `facets`, `exclude`, `fallback`, `emphasis`.

    Lists are repeated parameters, or one with commas (filters only repeated).

    Raises:
        InvalidQueryError: one of them cannot be understood, or is out of its range.
    """
    return Wanted(
        limit=whole_from(request, "limit", default_limit, low=1, high=MAX_LIMIT),
        offset=whole_from(request, "offset", 0, low=0, high=MAX_OFFSET),
        threshold=number_from(request, "threshold", 0.0, high=100),
        filters=parse_filters(request.values.getlist("filter")),
        exclude=frozenset((*listed(request, "exclude"), *listed(request, "exclude", _always))),
        facets=tuple(listed(request, "facets")),
        fallback=_choice_from(request, "fallback", Fallback.NONE),
        emphasis=_choice_from(request, "emphasis", Emphasis.BALANCED),
    )


def listed(
    request: Request, name: str, is_whole: Callable[[str], bool] = lambda _: False
) -> Sequence[str]:
    """The values of a parameter that may be repeated or hold commas, each once, in order.

    Args:
        is_whole: tells of a text with commas whether it is one value.
    """
    texts = [text.strip() for text in request.values.getlist(name)]
    parts = [
        part.strip()
        for text in texts
        for part in ([text] if "," in text and is_whole(text) else text.split(","))
    ]
    if len(parts) > _LONGEST_LIST:
        raise InvalidQueryError(f"{name} has more than {_LONGEST_LIST} values.")
    return [part for part in dict.fromkeys(parts) if part]


def _always(_text: str) -> bool:
    """Ids may have commas; then what their parts name is left out with them."""
    return True


def whole_from(request: Request, name: str, default: int, *, low: int, high: int) -> int:
    """A whole number; the default where the request has none.

    Raises:
        InvalidQueryError: it is none, or out of its range.
    """
    text = request.values.get(name, "").strip()
    if not text:
        return default
    short = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not (short and low <= int(text) <= high):
        raise InvalidQueryError(
            f"{name} is {text[:20]!r}; it must be a whole number from {low} to {high}."
        )
    return int(text)


def number_from(request: Request, name: str, default: float, *, high: float) -> float:
    """A number from 0 to `high`; the default where a request has none, or an empty field.

    Raises:
        InvalidQueryError: it is none, or out of its range.
    """
    text = request.values.get(name, "").strip() or str(default)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= high:
        raise InvalidQueryError(f"{name} is {text[:20]!r}; it must be a number from 0 to {high:g}.")
    return number


def _choice_from(request: Request, name: str, default: Choice) -> Choice:
    text = request.values.get(name, "").strip() or default
    try:
        return type(default)(text)
    except ValueError as error:
        *others, last = type(default)
        choices = f"{', '.join(others)} or {last}"
        raise InvalidQueryError(f"{name} is {text[:20]!r}; it must be {choices}.") from error
