"""Bicubic resizing with anti-aliasing: Pillow's filter in a quarter of Pillow's time, by SIMD."""

import importlib.util

from PIL import Image as Pillow

from features.types import Image

_FAST = importlib.util.find_spec("cykooz_resizer") is not None

FILTER = "catmull-rom" if _FAST else "bicubic"
"""What resizes here, as a part of `ExtractorSpec.preprocessing`: roundings differ."""


def resized(image: Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image:
    """The part of an RGB picture in `box` (left, top, right, bottom), at another size.

    Where cykooz-resizer is not installed (it has no wheels for Linux on ARM), Pillow does it.
    """
    return _resized_fast(image, size, box) if _FAST else _resized_by_pillow(image, size, box)


def _resized_by_pillow(
    image: Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image:
    return image.resize(size, Pillow.Resampling.BICUBIC, box=box)


def _resized_fast(
    image: Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image:
    """Catmull-Rom is Pillow's bicubic. The result is the same with AVX2, SSE4 or neither."""
    from cykooz_resizer import CropBox, FilterType, ResizeAlg, ResizeOptions, Resizer

    left, top, right, bottom = box
    options = ResizeOptions(
        resize_alg=ResizeAlg.convolution(FilterType.catmull_rom),
        crop_box=CropBox(left, top, right - left, bottom - top),
    )
    target = Pillow.new("RGB", size)
    Resizer().resize_pil(image, target, options)  # one of its own: none serves two threads at once
    return target
