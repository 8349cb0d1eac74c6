"""Which colours a picture has, and how much of each: networks tell a lime from an apple by less.

A histogram in CIE L*a*b*, as its square root: the Euclidean distance is then Hellinger's. What lies
in the middle counts most, and white ground around an item not at all, so that a shop's picture and
a shopper's photo of one thing are alike.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.ground import white_ground
from features.types import Pixels

COLOURS = "colours L4 a8 b8 64px"
"""As a part of `ExtractorSpec.preprocessing`."""
_SIDE = 64
_LIGHTNESSES, _HUES = 4, 8  # a grid of values for L*, and for each of a* and b*
DIM = _LIGHTNESSES * _HUES * _HUES
_MOST_CHROMA = 80.0
_SPREAD = 0.5  # of the middle, in half sides
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
Numbers = NDArray[np.float64]


def colours(pixels: Pixels) -> NDArray[np.float32]:
    """The histogram of a square RGB picture: shape (DIM,), of length 1; zeros where it is white."""
    small = np.asarray(Pillow.fromarray(pixels).resize((_SIDE, _SIDE), Pillow.Resampling.BOX))
    counts = _spread_counts(_lab(small).reshape(-1, 3), _weights(small).ravel())
    return np.sqrt(counts / max(float(counts.sum()), 1e-12)).astype(np.float32)


def _weights(pixels: Pixels) -> Numbers:
    at = np.linspace(-1, 1, _SIDE)
    middle = np.exp(-(at[:, None] ** 2 + at**2) / (2 * _SPREAD**2))
    weights: Numbers = np.where(white_ground(pixels), 0, middle)
    return weights


def _lab(pixels: Pixels) -> Numbers:
    """CIE L*a*b* of sRGB under daylight (D65)."""
    share = pixels / 255
    linear = np.where(share > 0.04045, ((share + 0.055) / 1.055) ** 2.4, share / 12.92)
    xyz = linear @ _TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    lab: Numbers = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return lab


def _spread_counts(lab: Numbers, weights: Numbers) -> Numbers:
    """Each pixel counts for the eight values of the grid around it, by how near they are."""
    below, beyond = zip(
        _placed(lab[:, 0] / 100, _LIGHTNESSES),
        *(_placed((lab[:, axis] / _MOST_CHROMA + 1) / 2, _HUES) for axis in (1, 2)),
        strict=True,
    )
    counts = np.zeros(DIM)
    for corner in np.ndindex(2, 2, 2):
        lightness, a, b = (low + step for low, step in zip(below, corner, strict=True))
        nearness = np.prod(
            [rest if step else 1 - rest for rest, step in zip(beyond, corner, strict=True)], axis=0
        )
        bins = (lightness * _HUES + a) * _HUES + b
        counts += np.bincount(bins, weights * nearness, DIM)
    return counts


def _placed(shares: Numbers, count: int) -> tuple[NDArray[np.int64], Numbers]:
    """The value of the grid below, and how far on towards the next."""
    at = shares.clip(0, 1) * (count - 1)
    below = np.minimum(at.astype(np.int64), count - 2)
    return below, at - below
