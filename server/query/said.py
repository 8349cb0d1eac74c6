"""What a request says in words: `text`, and how much that counts beside photos, `text_weight`."""

from flask import Request

from features.types import TextQuery
from server.query.wanted import number_from


def text_from(request: Request) -> TextQuery | None:
    """The words of a request; None where it has none, as of a form whose field was left empty.

    Raises:
        InvalidQueryError: the weight cannot be understood, or is out of its range.
    """
    text = request.values.get("text", "").strip()
    weight = number_from(request, "text_weight", TextQuery.weight, high=1)
    return TextQuery(text, weight) if text else None
