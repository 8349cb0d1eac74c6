"""What a phone does to a scene: perspective, light, colour cast, noise, blur and JPEG."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter

from features.scenes.canvas import SIDE, Random
from features.types import Image, Pixels

_TILT = 0.18
_BLURRED = 0.5


def photographed(canvas: Image, random: Random) -> Image:
    """A photo of the scene."""
    photo = _developed(_tilted(canvas, random), random)
    if random.random() < _BLURRED:
        photo = photo.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.6)))
    return _compressed(photo, random)


def _tilted(canvas: Image, random: Random) -> Image:
    inwards = random.uniform(0, _TILT, 8)
    corners = np.abs(np.array([0, 0, 0, 1, 1, 1, 1, 0]) - inwards) * SIDE
    return canvas.transform(
        canvas.size, Pillow.Transform.QUAD, corners.tolist(), Pillow.Resampling.BILINEAR
    )


def _developed(canvas: Image, random: Random) -> Image:
    """In light of its own, channel by channel: shape (3, SIDE, SIDE) while it is worked on."""
    light = _exposed(np.moveaxis(np.asarray(canvas), 2, 0), random)
    slope = np.linspace(-1, 1, SIDE, dtype=np.float32)
    down, across = random.uniform(-0.25, 0.25, 2).astype(np.float32)
    light *= 1 + down * slope[:, None] + across * slope
    grey = light.mean(axis=0)
    light = grey + (light - grey) * np.float32(random.uniform(0.7, 1.15))
    noise = random.standard_normal(light.shape, dtype=np.float32)
    light += noise * np.float32(random.uniform(0, 0.03))
    developed = (light.clip(0, 1) * 255).astype(np.uint8)
    return Pillow.fromarray(np.ascontiguousarray(np.moveaxis(developed, 0, 2)))


def _exposed(pixels: Pixels, random: Random) -> NDArray[np.float32]:
    """Brighter or darker, with more or less contrast and a cast, by a table of the 256 levels."""
    levels = (np.arange(256) / 255) ** np.exp(random.uniform(-0.4, 0.5))
    casts = random.uniform(0.65, 1.15) * np.exp(random.uniform(-0.12, 0.12, 3))
    tables = np.outer(casts, levels).astype(np.float32)
    return np.stack([table[channel] for table, channel in zip(tables, pixels, strict=True)])


def _compressed(photo: Image, random: Random) -> Image:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=int(random.integers(40, 90)))
    return Pillow.open(buffer).convert("RGB")
