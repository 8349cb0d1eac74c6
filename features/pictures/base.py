"""What a place that holds a catalogue's pictures offers."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from features.errors import PictureNotFoundError
from features.images import DEFAULT_LIMITS, PictureLimits

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_HOST = re.compile(r"/|[\w-]+(\.[\w-]+)+/")
_SHOWN = 200


class PictureRoot(Protocol):
    """Where the picture paths of a catalogue start: a folder, or an archive."""

    permanent: bool
    """Whether the pictures can be read there later too; if not, whoever needs them keeps them."""

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureNotFoundError: there is none, or the location leads out of the root.
            PictureTooLargeError: it is above the byte limit.
        """

    def stamp(self, location: str) -> str | None:
        """A text that is another one where the picture's bytes may have changed.

        It is cheap: no picture is read. None where there is no such picture.
        """


def is_url(location: str) -> bool:
    """Whether a picture's location is an address rather than a path."""
    return "://" in location


def spellings(location: str) -> Iterator[str]:
    """A path, and how the file may be spelled: accents apart, its suffix in the other case."""
    for form in ("NFC", "NFD"):
        name, dot, suffix = unicodedata.normalize(form, location).rpartition(".")
        yield location
        yield from (f"{name}{dot}{end}" for end in (suffix, suffix.lower(), suffix.upper()))


def not_there(location: str, place: Path) -> PictureNotFoundError:
    """The error for a path that leads to no file, with what may be meant."""
    if location.lower().startswith("data:"):
        return PictureNotFoundError(
            f"the picture {location[:40]}... is written into the feed itself, which is not read; "
            "give its path or its address"
        )
    if _DRIVE.match(location):
        return PictureNotFoundError(
            f"the picture '{location[:_SHOWN]}' is on another computer; put it beside the feed, "
            "and write its path from there"
        )
    advice = address_advice(location)
    return PictureNotFoundError(f"there is no picture '{location[:_SHOWN]}' in {place}{advice}")


def address_advice(location: str) -> str:
    """What to add to an error where a path may be an address without its beginning."""
    if not _HOST.match(location):
        return ""
    return "; if it is an address on the web, it has to start with https://"
