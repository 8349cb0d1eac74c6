"""What a phone does to a scene: perspective, light, colour cast, noise, blur and JPEG."""

import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from features.scenes.canvas import SIDE, Random
from features.types import Image

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
        canvas.size, Pillow.Transform.QUAD, corners.tolist(), Pillow.Resampling.BICUBIC
    )


def _developed(canvas: Image, random: Random) -> Image:
    light = (np.asarray(canvas, dtype=np.float32) / 255) ** np.exp(random.uniform(-0.4, 0.5))
    light *= random.uniform(0.65, 1.15) * np.exp(random.uniform(-0.12, 0.12, 3))
    slope = np.linspace(-1, 1, SIDE)
    down, across = random.uniform(-0.25, 0.25, 2)
    light *= (1 + down * slope[:, None] + across * slope)[..., None]
    grey = light.mean(axis=2, keepdims=True)
    light = grey + (light - grey) * random.uniform(0.7, 1.15)
    light += random.normal(size=light.shape) * random.uniform(0, 0.03)
    return Pillow.fromarray((light.clip(0, 1) * 255).astype(np.uint8))


def _compressed(photo: Image, random: Random) -> Image:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=int(random.integers(40, 90)))
    return Pillow.open(buffer).convert("RGB")
