"""The white ground that shops put their products on."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from features.types import Pixels

_WHITE = 247
_MARK = 128


def white_ground(pixels: Pixels) -> NDArray[np.bool_]:
    """Where white reaches in from the edges of an RGB picture: shape (height, width)."""
    white = (pixels.min(axis=2) >= _WHITE).astype(np.uint8) * 255
    marked = Pillow.fromarray(np.pad(white, 1, constant_values=255)).copy()
    ImageDraw.floodfill(marked, (0, 0), _MARK)
    ground: NDArray[np.bool_] = np.asarray(marked)[1:-1, 1:-1] == _MARK
    return ground
