"""Short sound clips in every container that is read."""

import numpy as np
from PIL import Image as Pillow

from features.types import Image
from scripts.clips import AVI, MOV, MP4, WEBM, clip, cuts, pan

_SIZE = (96, 64)


def video_seeds() -> dict[str, bytes]:
    """The bytes of each by the name of its container."""
    pictures = [_picture(seed) for seed in (1, 2)]
    return {
        "MP4": clip(pan(pictures[0], _SIZE, 30), MP4, gop=10),
        "MP4 turned": clip(cuts(pictures, _SIZE, 8), MP4, rotation=-90),
        "WebM": clip(pan(pictures[0], _SIZE, 20), WEBM),
        "MOV": clip(pan(pictures[1], _SIZE, 20), MOV),
        "AVI": clip(cuts(pictures, _SIZE, 10), AVI),
    }


def _picture(seed: int) -> Image:
    chance = np.random.default_rng(seed)
    corners = chance.integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Pillow.fromarray(corners).resize((160, 120), Pillow.Resampling.BICUBIC)
