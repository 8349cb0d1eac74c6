"""What scenes are painted with: items at a size, turned and lit, with a shadow under them."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter, ImageOps

from features.scenes.cutout import Cutout
from features.types import Image

SIDE = 320
_LEVELS = np.arange(256)
_SHADOWS = (_LEVELS // 2).tolist()
Random = np.random.Generator


def sized(item: Cutout, longest: float) -> Cutout:
    """The item with its longer side that many pixels long."""
    scale = longest / max(item.size)
    width, height = (max(2, round(side * scale)) for side in item.size)
    return item.resize((width, height), Pillow.Resampling.BICUBIC)


def turned(item: Cutout, degrees: float) -> Cutout:
    """The item turned, all of it."""
    return item.rotate(degrees, Pillow.Resampling.BILINEAR, expand=True)


def perhaps_mirrored(item: Cutout, random: Random, chance: float) -> Cutout:
    """The item or its mirror image."""
    return ImageOps.mirror(item) if random.random() < chance else item


def lit(item: Cutout, random: Random, amount: float) -> Cutout:
    """The item brighter or darker, by that share at most."""
    factor = 1 + amount * random.uniform(-1, 1)
    changed = (_LEVELS * factor).clip(0, 255).astype(np.uint8).tolist()
    return item.point([*changed * 3, *_LEVELS.tolist()])


def put(canvas: Image, item: Cutout, left: float, top: float) -> None:
    """Paint an item on a scene, and its soft shadow; nothing where it is beyond the edges."""
    x, y = int(left), int(top)
    if not (-item.width < x < SIDE and -item.height < y < SIDE):
        return
    soft = item.getchannel("A").filter(ImageFilter.BoxBlur(4)).point(_SHADOWS)
    canvas.paste((0, 0, 0), (x + 2, y + 3), soft)
    canvas.paste(item, (x, y), item)
