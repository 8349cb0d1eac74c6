"""A product without its white ground, to be put into scenes."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from features.ground import white_ground
from features.types import Image

Cutout = Image
"""An RGBA picture, transparent where the ground was."""
_SIDE = 256
_LEAST, _MOST = 0.02, 0.97  # of a picture is ground, where there is any


def cut_out(image: Image) -> Cutout:
    """The item of an RGB picture; all of it where the ground is not white."""
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE), Pillow.Resampling.BICUBIC)
    ground = white_ground(np.asarray(small))
    if not _LEAST < ground.mean() < _MOST:
        ground[:] = False
    opaque = Pillow.fromarray(np.where(ground, 0, 255).astype(np.uint8))
    small.putalpha(opaque.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.7)))
    return small.crop(opaque.getbbox())
