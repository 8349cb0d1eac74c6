"""Sunglasses, seen from the front."""

from __future__ import annotations

import numpy as np

from .canvas import BARE, Canvas, Finish
from .colors import Color, darker, mix
from .forms import Puff
from .geometry import Array, blob, curve, ellipse, flip, pts
from .look import Look

POLISHED = Finish(grain=0.004, cast=0.4, reach=4)


def wayfarer(canvas: Canvas, look: Look) -> None:
    """Draw thick square-rimmed sunglasses."""
    lens = blob(
        (56, 166), (112, 158), (170, 168), (176, 196), (160, 242), (120, 254), (78, 244), (58, 206)
    )
    rim = blob(
        (34, 150),
        (70, 142),
        (130, 144),
        (182, 156),
        (190, 186),
        (174, 250),
        (124, 270),
        (70, 260),
        (44, 212),
        (32, 176),
    )
    _glasses(canvas, look, rim, lens, 168)


def round_glasses(canvas: Canvas, look: Look) -> None:
    """Draw round sunglasses with a thin rim."""
    _glasses(canvas, look, ellipse(112, 204, 74, 72), ellipse(112, 204, 65, 63), 190)


def cat_eye(canvas: Canvas, look: Look) -> None:
    """Draw sunglasses that sweep up at the temples."""
    lens = blob(
        (54, 156), (110, 164), (166, 182), (176, 206), (158, 240), (118, 250), (82, 236), (62, 200)
    )
    rim = blob(
        (22, 130),
        (56, 140),
        (120, 148),
        (178, 166),
        (190, 194),
        (174, 250),
        (122, 266),
        (72, 252),
        (46, 206),
        (32, 164),
    )
    _glasses(canvas, look, rim, lens, 178)


def aviator(canvas: Canvas, look: Look) -> None:
    """Draw wire-rimmed sunglasses with drop-shaped lenses."""
    lens = blob(
        (42, 168),
        (84, 152),
        (146, 154),
        (180, 168),
        (184, 198),
        (160, 250),
        (116, 276),
        (72, 256),
        (46, 212),
    )
    _arms(canvas, look, 170)
    for line in (
        curve((166, 156), (200, 146), (234, 156)),
        curve((180, 190), (200, 180), (220, 190)),
    ):
        canvas.tube([line], 6, look.trim, 0.8, POLISHED)
    for side in (lens, flip(lens)):
        _lens(canvas, look.base, side)
        canvas.tube([np.vstack([side, side[:1]])], 5, look.trim, 0.9, POLISHED)


def _glasses(canvas: Canvas, look: Look, rim: Array, lens: Array, y: float) -> None:
    _arms(canvas, look, y)
    canvas.tube([curve((172, y + 8), (200, y - 4), (228, y + 8))], 13, look.base, 0.6, POLISHED)
    for mirror in (False, True):
        outer, inner = (flip(rim), flip(lens)) if mirror else (rim, lens)
        _lens(canvas, look.accent, inner)
        canvas.solid(outer, look.pattern, Puff(6, 1.1, 0.55, 20), POLISHED, [inner])
    for x in (46, 354):
        canvas.solid(ellipse(x, y - 6, 5, 2.6), look.trim, Puff(2, gloss=0.7), BARE)


def _arms(canvas: Canvas, look: Look, y: float) -> None:
    for line in (curve((44, y - 10), (76, y - 40), (112, y - 58), (150, y - 62)),):
        for side in (line, flip(line)):
            canvas.tube([side], 8, darker(look.base, 0.15), 0.4, POLISHED)


def _lens(canvas: Canvas, glass: Color, outline: Array) -> None:
    low, high = outline.min(axis=0), outline.max(axis=0)

    def tint(x: Array, y: Array) -> Array:
        part = np.clip((y - low[1]) / (high[1] - low[1]), 0, 1)[..., None].astype(np.float32)
        deep = np.asarray(darker(glass, 0.62), dtype=np.float32)
        pale = np.asarray(mix(glass, (0.9, 0.88, 0.85), 0.35), dtype=np.float32)
        color: Array = deep + (pale - deep) * part**1.4
        return color

    canvas.solid(outline, tint, Puff(5, 0.5), Finish(cast=0, opacity=0.93, grain=0))
    x, y = (low + high) / 2
    streak = pts((x - 38, y + 26), (x - 2, y - 40), (x + 14, y - 40), (x - 26, y + 36))
    canvas.glow(streak, (1.0, 1.0, 1.0), 4, 0.28)
    canvas.glow(
        blob((x - 30, y - 34), (x + 20, y - 38), (x + 44, y - 24), (x, y - 28)),
        (0.85, 0.93, 1.0),
        4,
        0.30,
    )
