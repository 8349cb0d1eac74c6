"""Where shoppers find things: on shelves and tables among others, from near and far."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from features.types import Image

Size = tuple[int, int]

_LEAST = 8  # pixels of a side
_TURN = 20.0  # degrees, either way
_TILT = 0.2  # of a side, that a corner may seem nearer
_SCALE = (0.3, 1.5)  # of the scene; above 1 part of the thing is outside
_MIDDLE = (0.3, 0.7)  # of the scene, where the thing's centre is
_COPIES = (2, 7)  # beside each other
_STEP = (0.8, 1.05)  # of the thing's width, from copy to copy
_CLUTTER = 12
_SOFT = 3.0  # pixels
_GRAIN = 6.0  # levels
_VIEW = (0.5, 1.0)  # of a scene's sides


def among_others(thing: Image, size: Size, random: np.random.Generator) -> Image:
    """A thing with a transparent surrounding, or a row of its like, before a cluttered ground."""
    scene = _ground(size, random)
    thing = _scaled(_askew(thing, random), size, random)
    step = thing.width * random.uniform(*_STEP)
    left, top = (
        random.uniform(*_MIDDLE) * whole - part / 2
        for whole, part in zip(size, thing.size, strict=True)
    )
    for place in _places(random):
        scene.paste(thing, (round(left + place * step), round(top)), thing)
    return scene


def seen_from_elsewhere(scene: Image, random: np.random.Generator) -> Image:
    """Part of a scene, turned and tilted."""
    share = random.uniform(*_VIEW)
    sides = np.array(scene.size)
    view = sides * share
    start = random.uniform(0, sides - view)
    centre = start + view / 2
    offsets = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) * view / 2
    tilted = offsets * (1 - random.uniform(0, _TILT, offsets.shape))
    corners = np.clip(centre + tilted @ _rotation(random), 0, sides)
    width, height = np.maximum(view.round().astype(int), _LEAST).tolist()
    return _from_corners(scene, (width, height), corners.ravel().tolist())


def _places(random: np.random.Generator) -> Sequence[int]:
    """Alone half of the time, else in a row; the one in the middle is pasted last."""
    count = 1 if random.random() < 0.5 else int(random.integers(*_COPIES))
    return sorted((n - count // 2 for n in range(count)), key=abs, reverse=True)


def _askew(thing: Image, random: np.random.Generator) -> Image:
    """Tilted and turned, all of it still there."""
    width, height = thing.size
    outward = random.uniform(0, _TILT, 8) * np.tile(thing.size, 4)
    signs = np.array([-1, -1, -1, 1, 1, 1, 1, -1])
    corners = np.array([0, 0, 0, height, width, height, width, 0]) + signs * outward
    tilted = _from_corners(thing, thing.size, corners.tolist())
    angle = float(random.uniform(-_TURN, _TURN))
    return tilted.rotate(angle, expand=True, resample=Pillow.Resampling.BICUBIC)


def _scaled(thing: Image, size: Size, random: np.random.Generator) -> Image:
    fitting = min(whole / part for whole, part in zip(size, thing.size, strict=True))
    scale = random.uniform(*_SCALE) * fitting
    width, height = (max(_LEAST, round(side * scale)) for side in thing.size)
    return thing.resize((width, height), Pillow.Resampling.BICUBIC)


def _ground(size: Size, random: np.random.Generator) -> Image:
    """Two colours that run into each other, other things before them, soft, with some grain."""
    corners = random.integers(30, 230, (2, 2, 3), dtype=np.uint8)
    ground = Pillow.fromarray(corners).resize(size, Pillow.Resampling.BILINEAR)
    pen = ImageDraw.Draw(ground)
    sides = np.array(size)
    for _ in range(_CLUTTER):
        start = random.uniform(-sides / 4, sides)
        end = start + random.uniform(sides / 12, sides / 2)
        colour = tuple(random.integers(0, 256, 3).tolist())
        shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
        shape([*start.tolist(), *end.tolist()], fill=colour)
    soft = ground.filter(ImageFilter.GaussianBlur(float(random.uniform(0, _SOFT))))
    grain = random.normal(0, _GRAIN, (size[1], size[0], 1))
    return Pillow.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))


def _rotation(random: np.random.Generator) -> NDArray[np.float64]:
    angle = np.deg2rad(random.uniform(-_TURN, _TURN))
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _from_corners(image: Image, size: Size, corners: Sequence[float]) -> Image:
    """A quadrilateral of an image as a whole; corners from the upper left one, down first."""
    return image.transform(size, Pillow.Transform.QUAD, corners, Pillow.Resampling.BICUBIC)
