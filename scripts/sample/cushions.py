"""Cushions: soft bodies that show their pattern well."""

from __future__ import annotations

import numpy as np

from .canvas import CLOTH, Canvas, Finish
from .colors import darker, lighter
from .forms import Fold, Puff
from .geometry import Array, curve, ellipse, pts, smooth
from .look import Look

WOOLLY = Finish(grain=0.12, cell=1.6, cast=0.3)


def square_cushion(canvas: Canvas, look: Look) -> None:
    """Draw a square cushion with piped edges."""
    outline = _pillow(200, 205, 138, 134)
    canvas.tube([np.vstack([outline, outline[:1]])], 7, look.accent)
    _stuffed(canvas, look, outline, 46)


def lumbar_cushion(canvas: Canvas, look: Look) -> None:
    """Draw a long cushion with a tassel at every corner."""
    outline = _pillow(200, 208, 150, 88)
    for x, y in ((54, 124), (346, 124), (54, 292), (346, 292)):
        _tassel(canvas, look, x, y)
    _stuffed(canvas, look, outline, 36)


def round_cushion(canvas: Canvas, look: Look) -> None:
    """Draw a round cushion, pleated towards a button."""
    pleats = tuple(
        Fold(pts((200 + 22 * c, 205 + 22 * s), (200 + 122 * c, 205 + 118 * s)), 5, -5)
        for c, s in ((np.cos(a), np.sin(a)) for a in np.linspace(0, 2 * np.pi, 20, endpoint=False))
    )
    dent = (Fold(ellipse(200, 205, 8, 8), 22, -12),)
    outline = ellipse(200, 205, 136, 132)
    canvas.solid(outline, look.pattern, Puff(38, 1.0, folds=pleats + dent), CLOTH)
    canvas.tube([ellipse(200, 205, 134, 130)], 5, look.accent, finish=Finish(cast=0.15))
    canvas.solid(ellipse(200, 205, 12, 12), look.accent, Puff(6, 1.2), CLOTH)


def fringed_cushion(canvas: Canvas, look: Look) -> None:
    """Draw a square cushion with pompoms all along its edge."""
    outline = _pillow(200, 205, 126, 122)
    along = np.cumsum(np.hypot(*np.diff(outline, axis=0, append=outline[:1]).T))
    for place in np.linspace(0, along[-1], 36, endpoint=False):
        x, y = outline[int(np.searchsorted(along, place))]
        dx, dy = (x - 200) * 0.055, (y - 205) * 0.055
        canvas.solid(ellipse(x + dx, y + dy, 9, 9), look.accent, Puff(6, 1.2), WOOLLY)
    _stuffed(canvas, look, outline, 44)


def _pillow(cx: float, cy: float, rx: float, ry: float) -> Array:
    corners = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        near = (cx + sx * rx * 0.93, cy + sy * ry * 0.992)
        tip = (cx + sx * rx * 0.99, cy + sy * ry * 0.985)
        side = (cx + sx * rx * 0.994, cy + sy * ry * 0.92)
        corners += [near, tip, side] if sx == sy * -1 else [side, tip, near]
        # The edges sag inwards between the stuffed corners.
        middle = {(-1, -1): (0, -1), (1, -1): (1, 0), (1, 1): (0, 1), (-1, 1): (-1, 0)}[sx, sy]
        corners.append((cx + middle[0] * rx * 0.95, cy + middle[1] * ry * 0.95))
    return smooth(pts(*corners), steps=20)


def _stuffed(canvas: Canvas, look: Look, outline: Array, depth: float) -> None:
    low, high = outline.min(axis=0), outline.max(axis=0)
    folds = []
    for x, sx in ((low[0], 1), (high[0], -1)):
        for y, sy in ((low[1], 1), (high[1], -1)):
            for bend in (-16, 6, 24):
                end = (x + sx * (62 + bend), y + sy * (62 - bend))
                start = (x + sx * 14, y + sy * 14)
                folds.append(Fold(pts(start, end), 7, 6 if bend == 6 else -6))
    canvas.solid(outline, look.pattern, Puff(depth, 0.85, folds=tuple(folds)), CLOTH)
    canvas.stitch(outline, darker(look.base, 0.3), 0.8, 3)


def _tassel(canvas: Canvas, look: Look, x: float, y: float) -> None:
    for dx in (-7, -3.5, 0, 3.5, 7):
        thread = curve((x, y), (x + dx * 0.9, y + 14), (x + dx * 1.2, y + 30))
        canvas.tube([thread], 3.2, lighter(look.accent, 0.02 * abs(dx)), finish=WOOLLY)
    canvas.solid(ellipse(x, y, 6, 6), look.accent, Puff(4), WOOLLY)
