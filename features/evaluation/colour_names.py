"""The colour that a thing has most of, in a dozen plain names: told apart from what vectors say."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.ground import white_ground
from features.types import Image

_SIDE = 96
_SPREAD = 0.5  # of the middle, in half sides
_DARK, _GREY, _PALE, _BROWN = 0.2, 0.2, 0.75, 0.55  # values and saturations, 0 to 1
_HUES = (  # degrees up to which each goes
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (262, "blue"),
    (345, "pink"),
    (360, "red"),
)
Numbers = NDArray[np.float64]


def main_colour(image: Image) -> str:
    """Of the middle square of an RGB picture, without white ground; what is central counts most."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    small = square.resize((_SIDE, _SIDE), Pillow.Resampling.BOX)
    names = _names(np.asarray(small.convert("HSV")) / 255)
    weights = np.where(white_ground(np.asarray(small)), 0, _middle())
    found, places = np.unique(names, return_inverse=True)
    return str(found[np.bincount(places.ravel(), weights.ravel()).argmax()])


def _middle() -> Numbers:
    at = np.linspace(-1, 1, _SIDE)
    weights: Numbers = np.exp(-(at[:, None] ** 2 + at**2) / (2 * _SPREAD**2))
    return weights


def _names(hsv: Numbers) -> NDArray[np.str_]:
    """The name of each pixel: shape (height, width)."""
    hue, saturation, value = hsv[..., 0] * 360, hsv[..., 1], hsv[..., 2]
    grey = saturation < _GREY
    kinds = [value < _DARK, grey & (value < _PALE), grey]
    brown = (hue >= _HUES[0][0]) & (hue < _HUES[1][0]) & (value < _BROWN)
    limits = [hue <= limit for limit, _ in _HUES]
    names = ["black", "grey", "white", "brown", *(name for _, name in _HUES)]
    return np.select([*kinds, brown, *limits], names, "red")
