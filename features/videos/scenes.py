"""Scenes: which of a video's frames show the same, told by very small copies of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 16, 9
_CUT = 20.0  # mean difference of two small copies, of 255, above which they are two scenes
_BLANK = 4.0  # standard deviation, of 255, below which a frame shows nothing

Copies = NDArray[np.float32]
"""Shape (frames, HEIGHT, WIDTH, 3), 0 to 255."""


def small_copies(pixels: Sequence[bytes]) -> Copies:
    """Of RGB bytes of `WIDTH` x `HEIGHT` pixels each."""
    joined = np.frombuffer(b"".join(pixels), np.uint8)
    return joined.reshape(-1, HEIGHT, WIDTH, 3).astype(np.float32)


def blank(copies: Copies) -> NDArray[np.bool_]:
    """Which frames are of one colour, as where a film fades in."""
    flat: NDArray[np.bool_] = copies.std(axis=(1, 2)).max(axis=1) < _BLANK
    return flat


def scenes(copies: Copies) -> list[list[int]]:
    """The numbers of the frames of each scene, all in their order."""
    if not len(copies):
        return []
    found = [[0]]
    for before, after in pairwise(range(len(copies))):
        if float(np.abs(copies[after] - copies[before]).mean()) > _CUT:
            found.append([])
        found[-1].append(after)
    return found
