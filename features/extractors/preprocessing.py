"""Geometric steps that extractors share. All give 8-bit RGB arrays, shape (size, size, 3)."""

import numpy as np
from PIL import Image as Pillow

from features.extractors.resizing import resized
from features.types import Image, Pixels


def centred_on_white(image: Image, size: int, margin: int) -> Pixels:
    """The whole picture, made square with white, less a thin margin all around.

    EfficientNet is evaluated on the centre `size / (size + margin)` of a picture (Tan and Le,
    "EfficientNet", ICML 2019). Padding first keeps the ends of tall and wide products, which a
    square centre crop would cut off.
    """
    scale = (size + margin) / max(image.size)
    (width, left, right), (height, top, bottom) = (_in_view(s, scale, size) for s in image.size)
    seen = resized(image, (width, height), (left, top, right, bottom))
    if seen.size == (size, size):
        return np.asarray(seen)
    canvas = Pillow.new("RGB", (size, size), "white")
    canvas.paste(seen, ((size - width) // 2, (size - height) // 2))
    return np.asarray(canvas)


def stretched(image: Image, size: int) -> Pixels:
    """The whole picture, made square by stretching its shorter side."""
    return np.asarray(image.resize((size, size), Pillow.Resampling.BICUBIC))


def _in_view(side: int, scale: float, size: int) -> tuple[int, float, float]:
    """Of one side: its visible pixels after scaling, and where they start and end before.

    Resizing only these is a fifth less work than cropping afterwards.
    """
    scaled = max(1, round(side * scale))
    visible = min(scaled, size)
    start = (scaled - visible + 1) // 2
    return visible, start * side / scaled, (start + visible) * side / scaled
