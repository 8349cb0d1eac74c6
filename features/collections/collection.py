"""One collection as a value, and the names that it may have."""

import json
import unicodedata
from dataclasses import asdict, dataclass

from features.errors import InvalidNameError
from features.json_text import read_json

LONGEST_NAME = 80


@dataclass(frozen=True)
class Collection:
    """What is known of a collection besides its pictures. `created` is seconds since 1970, UTC."""

    id: str
    name: str
    created: float

    def to_json(self) -> str:
        """For its file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Collection":
        """The collection that `to_json` wrote; a ValueError or TypeError for any other text."""
        return cls(**read_json(text))


def checked_name(text: str) -> str:
    """A name as it is kept: one line, with single spaces.

    Raises:
        InvalidNameError: it is empty, too long, or holds characters that nobody can see.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidNameError(
            f"A collection needs a name of 1 to {LONGEST_NAME} characters that can be seen."
        )
    return name


def same_name(one: str, other: str) -> bool:
    """Whether people would take two names for one."""
    return one.casefold() == other.casefold()
