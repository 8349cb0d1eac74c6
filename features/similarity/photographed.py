"""A shop's picture as a shopper might photograph the thing: askew, on a table, in poor light."""

import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from features.types import Image

_SIDE = 480
_TURN = 12.0  # degrees, either way
_BLUR = 1.2  # pixels


def as_photographed(image: Image, random: np.random.Generator) -> Image:
    """Turned, on a coloured ground, in other light, a little blurred, compressed as phones do."""
    thing = image.convert("RGBA")
    thing.thumbnail((_SIDE, _SIDE), Pillow.Resampling.BICUBIC)
    thing = thing.rotate(
        float(random.uniform(-_TURN, _TURN)), expand=True, resample=Pillow.Resampling.BICUBIC
    )
    scene = _ground(thing.size, random)
    scene.paste(thing, _place(thing.size, scene.size, random), thing)
    return _compressed(_in_other_light(scene, random), random)


def _ground(size: tuple[int, int], random: np.random.Generator) -> Image:
    """A table or a wall: two colours that run into each other, with some grain."""
    share = random.uniform(1.05, 1.5)
    width, height = (round(side * share) for side in size)
    corners = random.integers(60, 220, (2, 2, 3), dtype=np.uint8)
    smooth = Pillow.fromarray(corners).resize((width, height), Pillow.Resampling.BILINEAR)
    grain = random.normal(0, 6, (height, width, 1))
    return Pillow.fromarray(np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8))


def _place(
    thing: tuple[int, int], scene: tuple[int, int], random: np.random.Generator
) -> tuple[int, int]:
    return (
        int(random.integers(0, scene[0] - thing[0] + 1)),
        int(random.integers(0, scene[1] - thing[1] + 1)),
    )


def _in_other_light(scene: Image, random: np.random.Generator) -> Image:
    scene = ImageEnhance.Brightness(scene).enhance(float(random.uniform(0.6, 1.2)))
    scene = ImageEnhance.Contrast(scene).enhance(float(random.uniform(0.7, 1.15)))
    cast = random.uniform(0.88, 1.1, 3)
    tinted = np.clip(np.asarray(scene) * cast, 0, 255).astype(np.uint8)
    return Pillow.fromarray(tinted).filter(
        ImageFilter.GaussianBlur(float(random.uniform(0, _BLUR)))
    )


def _compressed(scene: Image, random: np.random.Generator) -> Image:
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG", quality=int(random.integers(45, 85)))
    return Pillow.open(buffer).convert("RGB")
