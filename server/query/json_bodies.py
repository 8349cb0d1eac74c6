"""JSON that a request sends: an object, or a refusal that says what to send."""

from typing import Any

from features.errors import VisualSearchError
from features.json_text import read_json


def json_object(
    text: str | bytes, name: str, refusal: type[VisualSearchError], *, instead: str
) -> dict[str, Any]:
    """The object that a body or a field holds.

    Args:
        name: what it describes, for the refusal: "event".
        refusal: is raised where it is none.
        instead: what to send where it is no JSON at all.
    """
    try:
        fields = read_json(text)
    except ValueError as error:
        raise refusal(instead) from error
    if not isinstance(fields, dict):
        raise refusal(f"The {name} must be a JSON object: {{...}}.")
    return fields
