"""Outlines in product space, a 400 by 400 square with y pointing down."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Point: TypeAlias = tuple[float, float]


def pts(*points: Point) -> Array:
    """Return points as an (n, 2) array."""
    return np.array(points, dtype=np.float64)


def smooth(points: Array, closed: bool = True, steps: int = 14) -> Array:
    """Return a Catmull-Rom curve through the points."""
    if closed:
        ring = np.vstack([points[-1:], points, points[:2]])
    else:
        ring = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:], strict=False):
        cubic = (-a + 3 * b - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2
        pieces.append(0.5 * (cubic + (c - a) * t + 2 * b))
    if not closed:
        pieces.append(points[-1:])
    return np.vstack(pieces)


def curve(*points: Point) -> Array:
    """Return an open smooth line through the points."""
    return smooth(pts(*points), closed=False)


def blob(*points: Point) -> Array:
    """Return a closed smooth outline through the points."""
    return smooth(pts(*points))


def ellipse(
    cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360
) -> Array:
    """Return an elliptic arc; angles are in degrees, clockwise from the right."""
    angle = np.radians(np.linspace(start, end, 90))
    return np.stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)], axis=1)


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> Array:
    """Return a rectangle with rounded corners."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    if r <= 0:
        return pts((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    corners = (
        (x1 - r, y1 - r, 0),
        (x0 + r, y1 - r, 90),
        (x0 + r, y0 + r, 180),
        (x1 - r, y0 + r, 270),
    )
    return np.vstack([ellipse(x, y, r, r, a, a + 90) for x, y, a in corners])


def superellipse(cx: float, cy: float, rx: float, ry: float, power: float) -> Array:
    """Return a rounded square: power 2 is an ellipse, larger is squarer."""
    angle = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    x = cx + rx * np.sign(c) * np.abs(c) ** (2 / power)
    y = cy + ry * np.sign(s) * np.abs(s) ** (2 / power)
    return np.stack([x, y], axis=1)


def mirrored(half: Array, axis: float = 200) -> Array:
    """Return the outline made of a right half (top to bottom) and its mirror image."""
    return np.vstack([half, flip(half, axis)[::-1]])


def flip(points: Array, axis: float = 200) -> Array:
    """Return the points mirrored left to right."""
    return np.stack([2 * axis - points[:, 0], points[:, 1]], axis=1)


def turn(points: Array, degrees: float, cx: float, cy: float) -> Array:
    """Return the points turned clockwise about a centre."""
    a = np.radians(degrees)
    x, y = points[:, 0] - cx, points[:, 1] - cy
    return np.stack(
        [cx + x * np.cos(a) - y * np.sin(a), cy + x * np.sin(a) + y * np.cos(a)], axis=1
    )


def shift(points: Array, dx: float, dy: float) -> Array:
    """Return the points moved."""
    moved: Array = points + np.array([dx, dy])
    return moved


def dashes(line: Array, dash: float, gap: float) -> list[Array]:
    """Cut a line into dashes, for stitching."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    pieces = []
    for begin in np.arange(0, along[-1] - dash * 0.5, dash + gap):
        at = np.array([begin, min(begin + dash, along[-1])])
        ends = [np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])]
        pieces.append(np.stack(ends, axis=1))
    return pieces
