"""JSON that others wrote, or that may be damaged."""

import json
from typing import Any


def read_json(text: str | bytes | bytearray) -> Any:  # noqa: ANN401 - whatever JSON can say
    """What a text says, as `json.loads`.

    Raises:
        ValueError: it is no JSON, or lists within lists go deeper than Python counts.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
