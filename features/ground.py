"""The white ground that shops put their products on."""

import numpy as np
from numpy.typing import NDArray

from features.types import Pixels

_WHITE = 247
_MARK = 128


def white_ground(pixels: Pixels) -> NDArray[np.bool_]:
    """Where white reaches in from the edges of an RGB picture: shape (height, width)."""
    import cv2

    white = cv2.inRange(pixels, (_WHITE, _WHITE, _WHITE), (255, 255, 255))
    framed = cv2.copyMakeBorder(white, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(255,))
    cv2.floodFill(framed, None, (0, 0), (_MARK,))
    ground: NDArray[np.bool_] = framed[1:-1, 1:-1] == _MARK
    return ground
