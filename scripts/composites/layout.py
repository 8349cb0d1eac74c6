"""Where pasted photos lie: one in each cell of a grid, never touching."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LONGEST_SIDE = 480
"""Pixels: larger photos are pasted as if they were of this size."""
GAP = 24
"""The least number of pixels between photos, and around them."""
SCALES = (0.8, 1.2)


@dataclass(frozen=True)
class Place:
    """Where one photo lies, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """The size of a picture in pixels, and the places of the photos in it, in their order."""

    width: int
    height: int
    places: tuple[Place, ...]


def lay_out(sizes: Sequence[tuple[int, int]], random: np.random.Generator) -> Layout:
    """Places for photos of the given sizes (width, height), each scaled and moved a little."""
    columns = math.ceil(math.sqrt(len(sizes)))
    rows = math.ceil(len(sizes) / columns)
    longest = max(min(LONGEST_SIDE, max(size)) for size in sizes)
    cell = math.ceil(longest * SCALES[1]) + GAP
    places = []
    for number, size in enumerate(sizes):
        scale = min(1.0, LONGEST_SIDE / max(size)) * random.uniform(*SCALES)
        width, height = (max(1, int(side * scale)) for side in size)
        x = GAP + number % columns * cell + int(random.integers(0, cell - GAP - width + 1))
        y = GAP + number // columns * cell + int(random.integers(0, cell - GAP - height + 1))
        places.append(Place(x, y, width, height))
    return Layout(GAP + columns * cell, GAP + rows * cell, tuple(places))
