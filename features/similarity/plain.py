"""Things cut out of the plain ground that shops photograph them on."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.types import Image, Pixels

_APART = 24  # levels of a colour that are no longer the ground's
_PLAIN = 0.8  # of the border


def cut_out(image: Image) -> Image | None:
    """The thing alone, transparent around it; None where the ground is not plain."""
    pixels = np.asarray(image.convert("RGB"))
    ground = _border_colour(pixels)
    if ground is None:
        return None
    thing = image.convert("RGBA")
    thing.putalpha(Pillow.fromarray(_filled(_apart(pixels, ground)).astype(np.uint8) * 255))
    box = thing.getchannel("A").getbbox()
    return None if box is None else thing.crop(box)


def _border_colour(pixels: Pixels) -> NDArray[np.float64] | None:
    """The colour of the border, shape (3,), if nearly all of it has one."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour: NDArray[np.float64] = np.median(border, axis=0)
    return colour if 1 - _apart(border, colour).mean() >= _PLAIN else None


def _apart(pixels: Pixels, colour: NDArray[np.float64]) -> NDArray[np.bool_]:
    apart: NDArray[np.bool_] = np.abs(pixels - colour).max(axis=-1) >= _APART
    return apart


def _filled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With what has parts of the thing on all four sides, as a white label has."""
    spread = np.logical_or.accumulate
    across = spread(mask, axis=1) & spread(mask[:, ::-1], axis=1)[:, ::-1]
    down = spread(mask, axis=0) & spread(mask[::-1], axis=0)[::-1]
    filled: NDArray[np.bool_] = across & down
    return filled
