"""Bytes to RGB pictures. Nothing about the bytes is trusted, and every refusal says why.

Usual JPEG and PNG pictures are decoded in this process: libjpeg-turbo and zlib have been under
attack for decades, and another process would cost as much as a quarter of the decoding. All others
are decoded by `features.decoder`, apart: a decoder that crashes, hangs or fills the memory takes
that one picture with it.
"""

import hashlib
import math
import stat
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from features.errors import (
    BrokenPictureError,
    HelperEndedError,
    HelperTooSlowError,
    InvalidQueryError,
    PictureNotFoundError,
)
from features.isolation import Message, helpers, raise_refusal
from features.pixels import (
    DAMAGED,
    DEFAULT_LIMITS,
    FORMAT_NAMES,
    FORMATS,
    PictureLimits,
    check_bytes,
    decode_here,
    not_a_picture,
    open_here,
    size_of,
    too_many_bytes,
)
from features.types import Box, Image

__all__ = [
    "DEFAULT_LIMITS",
    "FORMATS",
    "FORMAT_NAMES",
    "SUFFIXES",
    "PictureLimits",
    "content_hash",
    "crop",
    "decode",
    "picture_format",
    "picture_size",
    "read_picture",
]

SUFFIXES = frozenset(
    ".jpg .jpeg .jfif .png .webp .avif .heic .heif .gif .bmp .tif .tiff".split()  # noqa: SIM905
)
# By the first bytes: what is decoded here, and what could be a picture at all.
_WELL_WORN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_OTHERS = (b"RIFF", b"GIF8", b"BM", b"II", b"MM")
_HERE = ("JPEG", "PNG")
_MOST_PIXELS_HERE = 16_000_000
"""Phones take 12 million; what is larger may need a gigabyte while it is decoded."""
_DECODER = "features.decoder"
_PATIENCE_S = 20.0
"""Of one picture; the largest that is allowed takes about two seconds."""


def content_hash(data: bytes) -> str:
    """32 hexadecimal digits that are the same only for the same bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def read_picture(path: Path, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a picture file; a file above the byte limit is refused unread."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            raise PictureNotFoundError(f"{path} is no file, but a folder or a device")
        if status.st_size > limits.max_bytes:
            raise too_many_bytes(status.st_size, limits)
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PictureNotFoundError(f"there is no picture {path}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PictureNotFoundError(f"the picture {path} cannot be read: {reason}") from error


def decode(
    data: bytes,
    limits: PictureLimits = DEFAULT_LIMITS,
    *,
    detail: int | None = None,
    part: Box | None = None,
) -> Image:
    """The first frame as RGB, turned as EXIF says, transparency on white.

    Args:
        data: an encoded picture in one of `FORMATS`.
        limits: bytes, pixels and sides, checked before any pixel is decoded.
        detail: the pixels per side that the caller needs. A JPEG at least twice as large is
            decoded at 1/2, 1/4 or 1/8, which saves most of the time; no side falls below `detail`.
        part: the part of the picture that needs this detail, the whole one by default.

    Raises:
        InvalidPictureError: one of its family, naming the cause.
    """
    image = _opened(data, limits)
    if image is not None and image.width * image.height <= _MOST_PIXELS_HERE:
        return decode_here(image, detail=detail, part=part)
    wanted = {"detail": detail, "part": None if part is None else asdict(part)}
    answer = _asked(data, limits, {"ask": "decode", **wanted}, most=limits.max_pixels * 3)
    return _picture(answer)


def picture_format(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> str:
    """One of `FORMATS`, or MPO for a JPEG with several pictures, read from the header alone.

    Raises:
        InvalidPictureError: as `decode`.
    """
    image = _opened(data, limits)
    if image is not None:
        return image.format or ""
    return str(_asked(data, limits, {"ask": "look"}).head.get("format"))


def picture_size(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> tuple[int, int]:
    """Width and height in pixels, turned as EXIF says, read from the header alone.

    Raises:
        InvalidPictureError: as `decode`.
    """
    image = _opened(data, limits)
    if image is not None:
        return size_of(image)
    return _size(_asked(data, limits, {"ask": "look"}))


def _opened(data: bytes, limits: PictureLimits) -> Image | None:
    """The picture where it is of those that are read here; None where it is of the others."""
    check_bytes(data, limits)
    if data.startswith(_WELL_WORN):
        return open_here(data, limits, _HERE)
    if data.startswith(_OTHERS) or data[4:8] == b"ftyp":
        return None
    raise not_a_picture(data)


def _asked(
    data: bytes, limits: PictureLimits, question: Mapping[str, Any], most: int = 0
) -> Message:
    """What the decoder apart says of a picture."""
    asked = Message({**question, "limits": asdict(limits)}, data)
    try:
        answer = helpers(_DECODER).ask(asked, patience_s=_PATIENCE_S, most=most)
        raise_refusal(answer)
    except HelperEndedError as error:
        raise BrokenPictureError(DAMAGED) from error
    except HelperTooSlowError as error:
        raise BrokenPictureError(
            f"The picture was not decoded within {_PATIENCE_S:g} seconds; save it again, as JPEG."
        ) from error
    return answer


def _picture(answer: Message) -> Image:
    width, height = _size(answer)
    if width * height * 3 != len(answer.body):
        raise BrokenPictureError(DAMAGED)
    return Pillow.frombytes("RGB", (width, height), answer.body)


def _size(answer: Message) -> tuple[int, int]:
    """Of a picture, as a process tells it that a picture may have taken over."""
    try:
        width, height = map(int, answer.head["size"])
        if min(width, height) < 1:
            raise ValueError(f"a picture of {width} x {height} pixels")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BrokenPictureError(DAMAGED) from error
    return width, height


def crop(image: Image, box: Box, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """The part of a decoded picture that a box covers, rounded outwards to whole pixels.

    Raises:
        InvalidQueryError: the box is no part of a picture, or smaller than a picture may be.
    """
    box.checked()
    left, right = _whole_pixels(box.x1, box.x2, image.width)
    top, bottom = _whole_pixels(box.y1, box.y2, image.height)
    width, height = right - left, bottom - top
    if min(width, height) < limits.min_side:
        raise InvalidQueryError(
            f"the box {box} covers {width} x {height} pixels; each side needs at least "
            f"{limits.min_side} to show anything. Choose a larger part"
        )
    if (width, height) == image.size:
        return image
    return image.crop((left, top, right, bottom))


def _whole_pixels(start: float, end: float, pixels: int) -> tuple[int, int]:
    """At least one pixel; a millionth of one is rounding noise, not a reason for another."""
    first = min(math.floor(round(start * pixels, 6)), pixels - 1)
    return first, max(math.ceil(round(end * pixels, 6)), first + 1)
