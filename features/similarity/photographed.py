"""A catalogue's picture as a shopper might photograph the thing: askew, half seen, in poor light.

A thing on a plain ground is put among others; of a picture that is a scene already, part is seen
from elsewhere.
"""

import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from features.similarity.plain import cut_out
from features.similarity.scenes import among_others, seen_from_elsewhere
from features.types import Image

_SIDE = 480
_BRIGHTNESS = (0.5, 1.25)
_CONTRAST = (0.6, 1.2)
_CAST = (0.8, 1.15)  # of each colour
_BLUR = (0.0, 1.5)  # pixels
_QUALITY = (45, 85)  # of the JPEG


def as_photographed(image: Image, random: np.random.Generator) -> Image:
    """In another place, in other light, a little blurred, compressed as phones do."""
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Pillow.Resampling.BICUBIC)
    thing = cut_out(small)
    if thing is None:
        scene = seen_from_elsewhere(small, random)
    else:
        scene = among_others(thing, (_SIDE, _SIDE), random)
    return _compressed(_in_other_light(scene, random), random)


def _in_other_light(scene: Image, random: np.random.Generator) -> Image:
    scene = ImageEnhance.Brightness(scene).enhance(float(random.uniform(*_BRIGHTNESS)))
    scene = ImageEnhance.Contrast(scene).enhance(float(random.uniform(*_CONTRAST)))
    cast = random.uniform(*_CAST, 3)
    tinted = np.clip(np.asarray(scene) * cast, 0, 255).astype(np.uint8)
    blur = ImageFilter.GaussianBlur(float(random.uniform(*_BLUR)))
    return Pillow.fromarray(tinted).filter(blur)


def _compressed(scene: Image, random: np.random.Generator) -> Image:
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG", quality=int(random.integers(*_QUALITY)))
    return Pillow.open(buffer).convert("RGB")
