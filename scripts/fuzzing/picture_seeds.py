"""Sound pictures in every format that is read, in the variants that decoders treat apart."""

import io

import numpy as np
import pillow_heif
from PIL import Image as Pillow
from PIL import ImageDraw

from features.types import Image

_SIDES = (96, 72)


def picture_seeds() -> dict[str, bytes]:
    """The bytes of each by its name, which starts with the format."""
    photo = _photo()
    grey = photo.convert("L")
    clear = photo.convert("RGBA")
    clear.putalpha(grey)
    deep = Pillow.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    palette = photo.quantize(64)
    exif = _exif()
    return {
        "JPEG": _encoded(photo, "JPEG", exif=exif),
        "JPEG progressive": _encoded(photo, "JPEG", progressive=True),
        "JPEG grey": _encoded(grey, "JPEG"),
        "JPEG CMYK": _encoded(photo.convert("CMYK"), "JPEG"),
        "JPEG MPO": _encoded(photo, "MPO", save_all=True, append_images=[grey.convert("RGB")]),
        "PNG": _encoded(photo, "PNG", exif=exif),
        "PNG alpha": _encoded(clear, "PNG"),
        "PNG palette": _encoded(palette, "PNG", transparency=3),
        "PNG deep": _encoded(deep, "PNG"),
        "PNG animated": _encoded(photo, "PNG", save_all=True, append_images=[_photo(2)]),
        "WebP": _encoded(photo, "WEBP", exif=exif),
        "WebP lossless": _encoded(clear, "WEBP", lossless=True),
        "WebP animated": _encoded(photo, "WEBP", save_all=True, append_images=[_photo(2)]),
        "AVIF": _encoded(photo, "AVIF", speed=10),
        "AVIF alpha": _encoded(clear, "AVIF", speed=10),
        "GIF": _encoded(palette, "GIF"),
        "GIF animated": _encoded(palette, "GIF", save_all=True, append_images=[_photo(2)]),
        "TIFF": _encoded(photo, "TIFF"),
        "TIFF LZW": _encoded(photo, "TIFF", compression="tiff_lzw"),
        "TIFF Deflate": _encoded(deep, "TIFF", compression="tiff_adobe_deflate"),
        "TIFF JPEG": _encoded(photo, "TIFF", compression="jpeg"),
        "TIFF fax": _encoded(grey.convert("1"), "TIFF", compression="group4"),
        "BMP": _encoded(photo, "BMP"),
        "BMP palette": _encoded(palette, "BMP"),
        "HEIC": _heic(photo),
        "HEIC alpha": _heic(clear),
    }


def _photo(seed: int = 1) -> Image:
    """A gradient with some shapes and some noise: every part of a decoder has work."""
    chance = np.random.default_rng(seed)
    corners = chance.integers(0, 256, (2, 2, 3), dtype=np.uint8)
    image = Pillow.fromarray(corners).resize(_SIDES, Pillow.Resampling.BILINEAR)
    ImageDraw.Draw(image).ellipse((20, 10, 70, 60), fill=(200, 30, 60))
    noise = chance.integers(0, 24, (_SIDES[1] // 2, _SIDES[0] // 2, 3), dtype=np.uint8)
    image.paste(Pillow.fromarray(noise), (0, 0))
    return image


def _exif() -> Pillow.Exif:
    exif = Pillow.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    return exif


def _encoded(image: Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _heic(image: Image) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=60)
    return buffer.getvalue()
