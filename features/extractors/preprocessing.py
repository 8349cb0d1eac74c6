"""Geometric steps that extractors share. All give 8-bit RGB arrays, shape (size, size, 3)."""

from dataclasses import dataclass

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
    across, down = (_in_view(side, scale, size) for side in image.size)
    seen = (_part_of_enlarged if scale > 1 else _part_reduced)(image, across, down)
    if seen.size == (size, size):
        return np.asarray(seen)
    canvas = Pillow.new("RGB", (size, size), "white")
    canvas.paste(seen, ((size - across.visible) // 2, (size - down.visible) // 2))
    return np.asarray(canvas)


def stretched(image: Image, size: int) -> Pixels:
    """The whole picture, made square by stretching its shorter side."""
    return np.asarray(image.resize((size, size), Pillow.Resampling.BICUBIC))


def centre_of_shorter(
    image: Image, shorter: int, size: int, resampling: Pillow.Resampling
) -> Pixels:
    """The middle of a picture whose shorter side becomes `shorter` pixels.

    As CLIP and its kind are trained (torchvision's Resize and CenterCrop), in one step.
    """
    scale = shorter / min(image.size)
    (left, right), (top, bottom) = (_in_view(side, scale, size).before(side) for side in image.size)
    return np.asarray(image.resize((size, size), resampling, box=(left, top, right, bottom)))


@dataclass(frozen=True)
class _InView:
    """Of one side, in pixels after scaling: all of it, what is visible, and where that starts."""

    scaled: int
    visible: int
    start: int

    @property
    def end(self) -> int:
        return self.start + self.visible

    def before(self, side: int) -> tuple[float, float]:
        """Where the visible part starts and ends on the side as it was: never beyond that."""
        return self.start * side / self.scaled, self.end * side / self.scaled


def _in_view(side: int, scale: float, size: int) -> _InView:
    scaled = max(1, round(side * scale))
    visible = min(scaled, size)
    return _InView(scaled, visible, (scaled - visible + 1) // 2)


def _part_reduced(image: Image, across: _InView, down: _InView) -> Image:
    """Resizing only what is visible is a fifth less work than cropping afterwards."""
    (left, right), (top, bottom) = across.before(image.width), down.before(image.height)
    return resized(image, (across.visible, down.visible), (left, top, right, bottom))


def _part_of_enlarged(image: Image, across: _InView, down: _InView) -> Image:
    """Enlarging a part, cykooz-resizer 4.0 reads outside of some pictures, and crashes."""
    whole = resized(image, (across.scaled, down.scaled), (0, 0, *image.size))
    return whole.crop((across.start, down.start, across.end, down.end))
