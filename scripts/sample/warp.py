"""Moves a drawn product into a picture: scaled, turned and seen at an angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .canvas import Canvas
from .geometry import Array
from .studio import bounds


@dataclass(frozen=True)
class Layer:
    """Premultiplied colour and coverage at the size of a picture."""

    rgb: Array
    alpha: Array


def place(canvas: Canvas, quad: Array, size: tuple[int, int]) -> Layer:
    """Return the drawn part of a canvas fitted into four corners, clockwise from top left."""
    left, top, right, bottom = bounds(canvas.alpha)
    width, height = right - left, bottom - top
    reach = float(np.abs(quad[2] - quad[0]).max())
    step = max(1, int(max(width, height) / max(reach, 1) / 1.4))
    planes = [canvas.rgb[top:bottom, left:right, k] for k in range(3)]
    planes.append(canvas.alpha[top:bottom, left:right])
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64) / step
    numbers = homography(quad, corners)
    moved = []
    for plane in planes:
        # Without shrinking first, a small copy would show jagged edges.
        image = Image.fromarray(np.ascontiguousarray(plane)).reduce(step)
        warped = image.transform(
            size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
        )
        moved.append(np.asarray(warped, dtype=np.float32))
    return Layer(np.stack(moved[:3], axis=2), moved[3])


def homography(source: Array, target: Array) -> tuple[float, ...]:
    """Return the eight numbers that carry the source corners to the target corners."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return tuple(float(n) for n in np.linalg.solve(np.array(rows), target.reshape(-1)))
