"""What lies behind the product in a scene: darkness, smooth light, or other products."""

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from features.scenes.canvas import SIDE, Random, lit, sized, turned
from features.scenes.cutout import Cutout
from features.types import Image


def backdrop(others: Sequence[Cutout], random: Random) -> Image:
    """Any of them; other products as often as all else."""
    kind = random.integers(4)
    if kind == 0:
        return dark(random)
    return _smooth(random) if kind == 1 or not others else _cluttered(others, random)


def dark(random: Random) -> Image:
    """The bottom of a crate."""
    return _plain(random.integers(0, 90) + random.integers(-10, 10, 3))


def _plain(colour: object) -> Image:
    red, green, blue = np.clip(np.asarray(colour, dtype=np.int64), 0, 255).tolist()
    return Pillow.new("RGB", (SIDE, SIDE), (red, green, blue))


def _smooth(random: Random) -> Image:
    cells = int(random.integers(2, 9))
    tint = random.uniform(-30, 30, (1, 1, 3))
    spots = (random.uniform(20, 220, (cells, cells, 1)) + tint).clip(0, 255).astype(np.uint8)
    return Pillow.fromarray(spots).resize((SIDE, SIDE), Pillow.Resampling.BICUBIC)


def _cluttered(others: Sequence[Cutout], random: Random) -> Image:
    canvas = _plain(random.integers(10, 160, 3))
    for _ in range(int(random.integers(4, 14))):
        item = sized(others[int(random.integers(len(others)))], random.uniform(0.2, 0.7) * SIDE)
        item = lit(turned(item, random.uniform(-40, 40)), random, 0.5)
        left, top = (random.uniform(-0.3, 0.9, 2) * SIDE).astype(int).tolist()
        canvas.paste(item, (left, top), item)
    canvas = canvas.filter(ImageFilter.GaussianBlur(random.uniform(0, 5)))
    return ImageEnhance.Brightness(canvas).enhance(random.uniform(0.4, 1))
