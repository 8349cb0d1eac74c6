"""A picture altered a little: what a copy of it on another page or another camera looks like."""

import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance

from features.types import Image

_TURN = 5.0  # degrees, either way
_CROP = (0.85, 1.0)  # of each side
_LIGHT = (0.8, 1.2)
_CONTRAST = (0.85, 1.15)
_QUALITY = (60, 90)  # of the JPEG


def altered(image: Image, random: np.random.Generator) -> Image:
    """Turned a little, cropped, perhaps mirrored, in other light, compressed as JPEG."""
    scene = _cropped(_turned(image.convert("RGB"), random), random)
    if random.random() < 0.5:
        scene = scene.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)
    scene = ImageEnhance.Brightness(scene).enhance(float(random.uniform(*_LIGHT)))
    scene = ImageEnhance.Contrast(scene).enhance(float(random.uniform(*_CONTRAST)))
    return _compressed(scene, int(random.integers(*_QUALITY)))


def _turned(image: Image, random: np.random.Generator) -> Image:
    """The corners that come into view have the colour of the border."""
    pixels = np.asarray(image)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(border, axis=0).astype(int).tolist()
    angle = float(random.uniform(-_TURN, _TURN))
    return image.rotate(angle, Pillow.Resampling.BICUBIC, fillcolor=(red, green, blue))


def _cropped(image: Image, random: np.random.Generator) -> Image:
    width, height = (
        max(1, round(side * share))
        for side, share in zip(image.size, random.uniform(*_CROP, 2), strict=True)
    )
    left = int(random.integers(image.width - width + 1))
    top = int(random.integers(image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def _compressed(image: Image, quality: int) -> Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Pillow.open(buffer).convert("RGB")
