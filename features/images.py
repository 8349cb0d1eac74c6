"""Bytes to RGB pictures. Nothing about the bytes is trusted, and every refusal says why."""

import hashlib
import io
import math
import stat
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from features.errors import (
    BrokenPictureError,
    EmptyPictureError,
    InvalidQueryError,
    NotAPictureError,
    PictureNotFoundError,
    PictureTooLargeError,
    PictureTooSmallError,
    TooManyPixelsError,
)
from features.types import Box, Image

# Only these plugins see hostile bytes. Multi-picture phone JPEGs (MPO) come through JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
FORMAT_NAMES = "JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP or TIFF"
SUFFIXES = frozenset(
    ".jpg .jpeg .jfif .png .webp .avif .heic .heif .gif .bmp .tif .tiff".split()  # noqa: SIM905
)

_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
_SIDEWAYS = {_TURNS[number] for number in (5, 6, 7, 8)}

# Python's warning filters belong to all threads; changed by two at once they stay changed.
_WARNING_FILTERS = threading.Lock()

pillow_heif.register_heif_opener()
# Bound now: Ultralytics replaces Pillow's own with one that installs packages for unknown files.
_open_with_pillow = Pillow.open


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may cost. Sides in pixels; bytes are those of the encoded file."""

    max_bytes: int = 20_000_000
    max_pixels: int = 64_000_000
    max_side: int = 20_000
    min_side: int = 8


DEFAULT_LIMITS = PictureLimits()


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
            raise _too_many_bytes(status.st_size, limits)
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
    image = _open(data, limits)
    try:
        if detail is not None:
            image.draft(None, _size_needed(image, detail, part))
        image.load()
        return _on_white(_turned(image))
    except Exception as error:  # decoders raise anything on damaged data
        raise BrokenPictureError(
            "The picture is damaged or cut short; save or send it again."
        ) from error


def picture_format(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> str:
    """One of `FORMATS`, or MPO for a JPEG with several pictures, read from the header alone.

    Raises:
        InvalidPictureError: as `decode`.
    """
    return _open(data, limits).format or ""


def picture_size(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> tuple[int, int]:
    """Width and height in pixels, turned as EXIF says, read from the header alone.

    Raises:
        InvalidPictureError: as `decode`.
    """
    image = _open(data, limits)
    width, height = image.size
    return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


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


def _size_needed(image: Image, detail: int, part: Box | None) -> tuple[int, int]:
    """The width and height in the file, not yet turned, that leave `part` enough detail."""
    if part is None:
        return detail, detail
    width = math.ceil(detail / (part.x2 - part.x1))
    height = math.ceil(detail / (part.y2 - part.y1))
    return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


def _open(data: bytes, limits: PictureLimits) -> Image:
    if not data:
        raise EmptyPictureError("The picture is empty (0 bytes); choose the file again.")
    if len(data) > limits.max_bytes:
        raise _too_many_bytes(len(data), limits)
    try:
        with _WARNING_FILTERS, warnings.catch_warnings():
            # Pillow warns of large sizes and odd metadata; the limits below decide instead.
            warnings.simplefilter("ignore")
            image = _open_with_pillow(io.BytesIO(data), formats=FORMATS)
            width, height = image.size
    except Pillow.DecompressionBombError as error:
        raise TooManyPixelsError(
            f"The picture has more pixels than the {_megapixels(limits.max_pixels)} allowed; "
            "send a smaller one."
        ) from error
    except UnidentifiedImageError as error:
        raise _not_a_picture(data) from error
    except Exception as error:  # a plugin choked on a header that looked like its own
        raise BrokenPictureError("The picture's header is damaged; save or send it again.") from (
            error
        )
    _check_size(width, height, limits)
    return image


def _check_size(width: int, height: int, limits: PictureLimits) -> None:
    if max(width, height) > limits.max_side:
        raise TooManyPixelsError(
            f"The picture is {width} x {height} pixels; no side may be longer than "
            f"{limits.max_side}. Send a smaller one."
        )
    if width * height > limits.max_pixels:
        raise TooManyPixelsError(
            f"The picture has {_megapixels(width * height)}; at most "
            f"{_megapixels(limits.max_pixels)} are allowed. Send a smaller one."
        )
    if min(width, height) < limits.min_side:
        raise PictureTooSmallError(
            f"The picture is {width} x {height} pixels; each side needs at least "
            f"{limits.min_side} to show anything."
        )


def _too_many_bytes(size: int, limits: PictureLimits) -> PictureTooLargeError:
    return PictureTooLargeError(
        f"The picture has {size / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:.1f} MB are "
        "allowed. Send a smaller one."
    )


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:.1f} megapixels"


def _not_a_picture(data: bytes) -> NotAPictureError:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    what = "This is not a picture"
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head):
        what = "SVG drawings have no pixels"
    elif head.startswith(b"%pdf"):
        what = "A PDF is not a picture"
    elif head.startswith((b"<!doctype html", b"<html")):
        what = "This is a web page, not a picture"
    return NotAPictureError(f"{what}; send a {FORMAT_NAMES} file.")


def _turn(image: Image) -> Pillow.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is no reason to refuse sound pixels
        return None


def _turned(image: Image) -> Image:
    turn = _turn(image)
    return image if turn is None else image.transpose(turn)


def _on_white(image: Image) -> Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return _eight_bit(image).convert("RGB")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        rgba = image.convert("RGBA")
        white = Pillow.new("RGBA", rgba.size, "white")
        return Pillow.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _eight_bit(image: Image) -> Image:
    """Deep greys keep their top 8 bits; Pillow's own conversion would clip them to white."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    top = float(values.max())
    if image.mode.startswith("I") and top > 255:
        values = values / (1 << 8 if top < 1 << 16 else 1 << 23)
    elif image.mode == "F" and top <= 1:
        values = values * 255
    return Pillow.fromarray(np.clip(values, 0, 255).astype(np.uint8))
