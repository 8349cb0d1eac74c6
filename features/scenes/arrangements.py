"""How products lie or stand where shoppers see them."""

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow

from features.scenes.backdrop import backdrop, dark
from features.scenes.canvas import SIDE, Random, lit, perhaps_mirrored, put, sized, turned
from features.scenes.cutout import Cutout
from features.types import Image

_DARK = 0.7
_ONE_ROW = 0.5
_CHOICE = 12
_REACH = range(-8, 9)


def heap(item: Cutout, others: Sequence[Cutout], random: Random) -> Image:
    """Many of it on each other, turned at will."""
    size = random.uniform(0.16, 0.5) * SIDE
    canvas = dark(random) if random.random() < _DARK else backdrop(others, random)
    pitch = size * random.uniform(0.55, 0.8)
    ones = _turned_at_will(item, size, random)
    places = list(np.ndindex(*2 * (int(SIDE / pitch) + 3,)))
    for place in random.permutation(len(places)).tolist():
        column, row = places[place]
        left, top = random.uniform(-0.3, 0.3, 2) * size
        one = ones[place % len(ones)]
        put(canvas, one, (column - 1) * pitch + left, (row - 1) * pitch + top)
    return canvas


def _turned_at_will(item: Cutout, size: float, random: Random) -> list[Cutout]:
    """Some to choose from: drawing each of a heap anew takes three times as long."""
    lean, disorder = random.uniform(-180, 180), random.uniform(15, 180)
    ones = []
    for _ in range(_CHOICE):
        one = perhaps_mirrored(sized(item, size * random.uniform(0.85, 1.15)), random, 0.5)
        one = turned(one, lean + random.uniform(-disorder, disorder))
        ones.append(lit(one, random, 0.25))
    return ones


def shelf(item: Cutout, others: Sequence[Cutout], random: Random) -> Image:
    """Upright ones beside each other, one near the middle, in one row or several."""
    canvas = backdrop(others, random)
    one = sized(item, random.uniform(0.35, 1) * SIDE)
    across, down = one.width * random.uniform(0.85, 1.1), one.height * random.uniform(0.9, 1.2)
    left = (SIDE - one.width) / 2 + random.uniform(-0.2, 0.2) * SIDE
    top = (SIDE - one.height) / 2 + random.uniform(-0.15, 0.15) * SIDE
    for row in (0,) if random.random() < _ONE_ROW else range(-2, 3):
        for column in _REACH:
            x, y = left + column * across, top + row * down
            if -across < x < SIDE and -down < y < SIDE:
                standing = turned(lit(one, random, 0.2), random.uniform(-3, 3))
                put(canvas, standing, x, y + random.uniform(-0.03, 0.03) * max(one.size))
    return canvas.rotate(random.uniform(-8, 8), Pillow.Resampling.BILINEAR)


def single(item: Cutout, others: Sequence[Cutout], random: Random) -> Image:
    """One from near, as it is held."""
    canvas = backdrop(others, random)
    one = perhaps_mirrored(sized(item, random.uniform(0.45, 1.1) * SIDE), random, 0.3)
    one = turned(one, random.normal() * 35)
    left, top = random.uniform(-0.15, 0.15, 2) * SIDE
    put(canvas, one, (SIDE - one.width) / 2 + left, (SIDE - one.height) / 2 + top)
    return canvas
