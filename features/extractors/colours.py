"""Which colours a picture has, and how much of each: networks tell a lime from an apple by less.

A histogram in CIE L*a*b*, as its square root: the Euclidean distance is then Hellinger's. What lies
in the middle counts most, and white ground around an item not at all, so that a shop's picture and
a shopper's photo of one thing are alike.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.ground import white_ground
from features.types import Pixels

COLOURS = "colours L4 a8 b8 64px of 32 levels"
"""As a part of `ExtractorSpec.preprocessing`."""
_SIDE = 64
_LEVELS = 32  # of red, green and blue: what each colour counts for is looked up
_LIGHTNESSES, _HUES = 4, 8  # a grid of values for L*, and for each of a* and b*
DIM = _LIGHTNESSES * _HUES * _HUES
_MOST_CHROMA = 80.0
_SPREAD = 0.5  # of the middle, in half sides
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
Numbers = NDArray[np.float64]
Bins = NDArray[np.int64]


def colours(pixels: Pixels) -> NDArray[np.float32]:
    """The histogram of a square RGB picture: shape (DIM,), of length 1; zeros where it is white."""
    small = _reduced(pixels)
    masses = np.bincount(_levels(small), np.where(white_ground(small), 0, _middle()).ravel())
    there = np.flatnonzero(masses)
    bins, nearness = _bins_of_levels()
    counts = np.bincount(bins[there].ravel(), (nearness[there] * masses[there, None]).ravel(), DIM)
    return np.sqrt(counts / max(float(counts.sum()), 1e-12)).astype(np.float32)


def _reduced(pixels: Pixels) -> Pixels:
    import cv2

    return np.asarray(cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))


@cache
def _middle() -> Numbers:
    """How much each pixel counts by its place: shape (_SIDE, _SIDE)."""
    at = np.linspace(-1, 1, _SIDE)
    middle: Numbers = np.exp(-(at[:, None] ** 2 + at**2) / (2 * _SPREAD**2))
    return middle


def _levels(pixels: Pixels) -> Bins:
    """One number for the levels of each pixel's red, green and blue, nearest to it."""
    red, green, blue = np.moveaxis(_nearest_levels()[pixels].reshape(-1, 3), -1, 0)
    return (red * _LEVELS + green) * _LEVELS + blue


@cache
def _nearest_levels() -> Bins:
    return np.rint(np.arange(256) * (_LEVELS - 1) / 255).astype(np.int64)


@cache
def _bins_of_levels() -> tuple[Bins, Numbers]:
    """What each colour counts for: the values of the grid around it, and how near they are.

    Both have the shape (_LEVELS**3, 8), in the order of `_levels`.
    """
    shares = np.linspace(0, 1, _LEVELS)
    lab = _lab(np.stack(np.meshgrid(shares, shares, shares, indexing="ij"), axis=-1).reshape(-1, 3))
    below, beyond = zip(
        _placed(lab[:, 0] / 100, _LIGHTNESSES),
        *(_placed((lab[:, axis] / _MOST_CHROMA + 1) / 2, _HUES) for axis in (1, 2)),
        strict=True,
    )
    bins, nearness = [], []
    for corner in np.ndindex(2, 2, 2):
        lightness, a, b = (low + step for low, step in zip(below, corner, strict=True))
        bins.append((lightness * _HUES + a) * _HUES + b)
        rests = zip(beyond, corner, strict=True)
        nearness.append(np.prod([rest if step else 1 - rest for rest, step in rests], axis=0))
    return np.stack(bins, axis=1), np.stack(nearness, axis=1)


def _lab(shares: Numbers) -> Numbers:
    """CIE L*a*b* of sRGB, whose values are shares of the most, under daylight (D65)."""
    linear = np.where(shares > 0.04045, ((shares + 0.055) / 1.055) ** 2.4, shares / 12.92)
    xyz = linear @ _TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    lab: Numbers = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return lab


def _placed(shares: Numbers, count: int) -> tuple[Bins, Numbers]:
    """The value of the grid below, and how far on towards the next."""
    at = shares.clip(0, 1) * (count - 1)
    below = np.minimum(at.astype(np.int64), count - 2)
    return below, at - below
