"""Bytes to RGB pixels in this very process. Who may not crash asks `features.images` instead."""

import io
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from features.errors import (
    BrokenPictureError,
    EmptyPictureError,
    NotAPictureError,
    PictureTooLargeError,
    PictureTooSmallError,
    TooManyPixelsError,
)
from features.types import Box, Image

# Only these plugins see hostile bytes. Multi-picture phone JPEGs (MPO) come through JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
FORMAT_NAMES = "JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP or TIFF"

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
_OF_PIXELS = ("transparency", "icc_profile")

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
DAMAGED = "The picture is damaged or cut short; save or send it again."


def open_here(
    data: bytes, limits: PictureLimits = DEFAULT_LIMITS, formats: tuple[str, ...] = FORMATS
) -> Image:
    """A picture of which only the header was read.

    Raises:
        InvalidPictureError: one of its family, naming the cause.
    """
    check_bytes(data, limits)
    try:
        with _without_warnings():
            image = _open_with_pillow(io.BytesIO(data), formats=formats)
            width, height = image.size
    except Pillow.DecompressionBombError as error:
        raise TooManyPixelsError(
            f"The picture has more pixels than the {_megapixels(limits.max_pixels)} allowed; "
            "send a smaller one."
        ) from error
    except UnidentifiedImageError as error:
        raise not_a_picture(data) from error
    except Exception as error:  # a plugin choked on a header that looked like its own
        raise BrokenPictureError("The picture's header is damaged; save or send it again.") from (
            error
        )
    _check_size(width, height, limits)
    return image


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow warns of large sizes and odd metadata; the limits decide instead."""
    with _WARNING_FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_bytes(data: bytes, limits: PictureLimits) -> None:
    """What needs no decoder.

    Raises:
        EmptyPictureError, PictureTooLargeError: what their names say.
    """
    if not data:
        raise EmptyPictureError("The picture is empty (0 bytes); choose the file again.")
    if len(data) > limits.max_bytes:
        raise too_many_bytes(len(data), limits)


def decode_here(image: Image, *, detail: int | None = None, part: Box | None = None) -> Image:
    """The pixels of an open picture, see `features.images.decode`.

    Raises:
        BrokenPictureError: it is damaged.
        TooManyPixelsError: there is not enough memory for it.
    """
    try:
        if detail is not None:
            image.draft(None, _size_needed(image, detail, part))
        image.load()
        return _on_white(_turned(image))
    except MemoryError as error:
        raise out_of_memory() from error
    except Exception as error:  # decoders raise anything on damaged data
        raise BrokenPictureError(DAMAGED) from error


def out_of_memory() -> TooManyPixelsError:
    """What to say where a picture's pixels do not fit."""
    return TooManyPixelsError("The picture needs more memory than there is; send a smaller one.")


def size_of(image: Image) -> tuple[int, int]:
    """Width and height in pixels of an open picture, turned as EXIF says."""
    width, height = image.size
    return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


def _size_needed(image: Image, detail: int, part: Box | None) -> tuple[int, int]:
    """The width and height in the file, not yet turned, that leave `part` enough detail."""
    if part is None:
        return detail, detail
    width = math.ceil(detail / (part.x2 - part.x1))
    height = math.ceil(detail / (part.y2 - part.y1))
    return (height, width) if _turn(image) in _SIDEWAYS else (width, height)


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


def too_many_bytes(size: int, limits: PictureLimits) -> PictureTooLargeError:
    """What to say of a file above the limit."""
    return PictureTooLargeError(
        f"The picture has {size / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:.1f} MB are "
        "allowed. Send a smaller one."
    )


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:.1f} megapixels"


def not_a_picture(data: bytes) -> NotAPictureError:
    """What to say of bytes that are none, told by their beginning."""
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
        with _without_warnings():
            return _TURNS.get(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is no reason to refuse sound pixels
        return None


def _turned(image: Image) -> Image:
    turn = _turn(image)
    if turn is None:
        return image
    upright = image.transpose(turn)
    # With its EXIF, whoever heeds that, as Ultralytics does, would turn it once more.
    upright.info = {name: upright.info[name] for name in _OF_PIXELS if name in upright.info}
    return upright


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
    values = np.asarray(image)
    if values.dtype.kind in "iu":
        top = int(values.max())
        shift = 0 if top <= 255 else 8 if top < 1 << 16 else 23
        return Pillow.fromarray(np.clip(values >> shift, 0, 255).astype(np.uint8))
    shares = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    if float(shares.max()) <= 1:
        shares *= 255
    return Pillow.fromarray(np.clip(shares, 0, 255, out=shares).astype(np.uint8))
