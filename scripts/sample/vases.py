"""Vases, turned about a vertical axis."""

from __future__ import annotations

import numpy as np

from .canvas import BARE, Canvas, Finish
from .colors import darker, lighter, rgb
from .forms import Lathe, Puff
from .geometry import Array, curve, ellipse, flip, shift, turn
from .look import Look, turned

CLAY = Finish(grain=0.025, cell=1.1, cast=0.2)


def bulb_vase(canvas: Canvas, look: Look) -> None:
    """Draw a round vase with a short neck."""
    body = turned(
        (140, 34),
        (152, 28),
        (168, 32),
        (196, 66),
        (240, 94),
        (290, 88),
        (330, 58),
        (342, 50),
        tilt=0.14,
        gloss=0.55,
    )
    _vase(canvas, look, body)


def tall_vase(canvas: Canvas, look: Look) -> None:
    """Draw a slender vase with a flared lip."""
    body = turned(
        (70, 48),
        (84, 38),
        (120, 34),
        (180, 48),
        (240, 58),
        (300, 50),
        (336, 38),
        (346, 40),
        tilt=0.15,
        gloss=0.7,
    )
    _vase(canvas, look, body)


def amphora(canvas: Canvas, look: Look) -> None:
    """Draw a vase with two handles."""
    body = turned(
        (96, 36),
        (108, 27),
        (136, 26),
        (162, 48),
        (200, 80),
        (240, 82),
        (290, 58),
        (334, 36),
        (344, 42),
        tilt=0.14,
        gloss=0.35,
    )
    handle = curve((226, 118), (272, 116), (288, 150), (272, 190))
    for side in (handle, flip(handle)):
        canvas.tube([side], 12, look.accent, 0.2, CLAY)
    _vase(canvas, look, body)


def bottle_vase(canvas: Canvas, look: Look) -> None:
    """Draw a vase with dried grasses in its long neck."""
    _stems(canvas)
    body = turned(
        (158, 22),
        (168, 17),
        (206, 18),
        (236, 36),
        (270, 66),
        (306, 72),
        (336, 58),
        (346, 50),
        tilt=0.14,
        gloss=0.5,
    )
    _vase(canvas, look, body)


def cylinder_vase(canvas: Canvas, look: Look) -> None:
    """Draw a ribbed, nearly straight vase."""
    body = turned((110, 64), (118, 62), (220, 68), (330, 62), (344, 56), tilt=0.16, gloss=0.6)
    _vase(canvas, look, body)
    for side in np.linspace(-1.25, 1.25, 13):
        x = body.axis + np.sin(side) * body.widths
        line = np.stack([x, body.ys + np.cos(side) * body.widths * body.tilt * 0.9], axis=1)
        canvas.mark([line[4:]], darker(look.base, 0.7), 2.0, 0.22)
        canvas.mark([shift(line[4:], 2.2, 0)], lighter(look.base, 0.8), 1.4, 0.22)


def _vase(canvas: Canvas, look: Look, body: Lathe) -> None:
    canvas.solid(body.outline(), look.pattern, body, CLAY)
    top = float(body.ys[0])
    width = body.width_at(top)
    lip = lighter(look.accent, 0.15)
    canvas.solid(body.ring(top), lip, Puff(3, gloss=0.4), BARE)
    hole = ellipse(body.axis, top + 0.5, width - 5, max(2.0, (width - 5) * body.tilt))
    canvas.solid(hole, darker(look.base, 0.72), None, BARE)
    canvas.glow(shifted(hole, width * 0.3), darker(look.base, 0.25), 3, 0.5)


def shifted(outline: Array, dx: float) -> Array:
    """Return the outline moved sideways and halved about its centre."""
    center = outline.mean(axis=0)
    return shift((outline - center) * 0.55, float(center[0]) + dx, float(center[1]) + 1)


def _stems(canvas: Canvas) -> None:
    straw = rgb("c9a96a")
    for index, lean in enumerate((-34, -17, -4, 11, 25, 40)):
        length = 120 + 17 * ((index * 5) % 4)
        tip = (200 + np.sin(np.radians(lean)) * length, 168 - np.cos(np.radians(lean)) * length)
        middle = (200 + (tip[0] - 200) * 0.42, 168 + (tip[1] - 168) * 0.5)
        canvas.tube([curve((200, 190), middle, tip)], 2.2, darker(straw, 0.2))
        plume = turn(ellipse(tip[0], tip[1], 6.5, 26), lean * 1.15, tip[0], tip[1])
        color = lighter(straw, 0.12 * (index % 3))
        canvas.solid(plume, color, Puff(4), Finish(grain=0.16, cell=1.3, cast=0.3))
