"""What a request says in words: `text`, and how much that counts beside photos, `text_weight`."""

from flask import Request

from features.errors import InvalidQueryError
from features.types import TextQuery

_WEIGHT = TextQuery.weight


def text_from(request: Request) -> TextQuery | None:
    """The words of a request; None where it has none, as of a form whose field was left empty.

    Raises:
        InvalidQueryError: the weight cannot be understood, or is out of its range.
    """
    text, weight = request.values.get("text", "").strip(), _weight(request)
    return TextQuery(text, weight) if text else None


def _weight(request: Request) -> float:
    given = request.values.get("text_weight", "").strip() or str(_WEIGHT)
    try:
        weight = float(given)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 1:
        raise InvalidQueryError(f"text_weight is {given[:20]!r}; it must be a number from 0 to 1.")
    return weight
