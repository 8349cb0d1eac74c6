"""What the cells of any feed have in common: stray characters, lists of pictures."""

import re
from collections.abc import Iterable

from features.types import PictureRef

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNDECODED = re.compile("[\udc80-\udcff]")
_BEFORE_ADDRESS = re.compile(r",(?=\s*(?:https?:)?//)", re.IGNORECASE)


def clean(text: str | None) -> str:
    """A cell without control characters, lone surrogates and surrounding space."""
    return _UNWANTED.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def is_decoded(text: str) -> bool:
    """False where bytes could not be decoded (they were read as lone surrogates)."""
    return _UNDECODED.search(text) is None


def picture_refs(locations: Iterable[str], line: int) -> tuple[PictureRef, ...]:
    """Each picture of a row once, its address mended."""
    mended = dict.fromkeys(map(_mended, locations))
    return tuple(PictureRef(location, line) for location in mended if location)


def _mended(location: str) -> str:
    """An address that begins with `//` leaves out only its scheme; some are escaped as in HTML."""
    if location.startswith("//"):
        location = f"https:{location}"
    return location.replace("&amp;", "&") if "://" in location else location


def split_pictures(text: str) -> list[str]:
    """Addresses between commas; a comma inside a web address does not part it."""
    parts = _BEFORE_ADDRESS.split(text) if "//" in text else text.split(",")
    return [part.strip(" ,\n\t") for part in parts if part.strip(" ,\n\t")]
