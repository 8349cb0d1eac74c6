"""Lamps, switched on."""

from __future__ import annotations

from .canvas import BARE, HARD, Canvas, Finish
from .colors import Color, darker, lighter, mix, rgb
from .forms import Lathe, Puff
from .geometry import blob, curve, ellipse, pts
from .look import Look, straight, turned

WARM = rgb("ffe9b8")
LINEN = Finish(grain=0.035, cell=1.0, cast=0.3)
METAL = Finish(grain=0.006, cast=0.25)


def table_lamp(canvas: Canvas, look: Look) -> None:
    """Draw a ceramic base under an empire shade."""
    base = turned(
        (196, 12),
        (212, 16),
        (236, 46),
        (274, 62),
        (316, 46),
        (336, 34),
        (350, 46),
        gloss=0.8,
        tilt=0.13,
    )
    _neck(canvas, 150, 204)
    canvas.solid(base.outline(), look.trim, base, HARD)
    _shade(canvas, look, straight((48, 58), (196, 112), gloss=0.0, tilt=0.12))


def drum_lamp(canvas: Canvas, look: Look) -> None:
    """Draw a turned wooden column under a drum shade."""
    base = turned(
        (180, 9),
        (204, 15),
        (222, 9),
        (250, 19),
        (290, 24),
        (322, 12),
        (336, 17),
        gloss=0.35,
        tilt=0.12,
    )
    foot = straight((336, 54), (350, 58), gloss=0.35, tilt=0.16)
    _neck(canvas, 150, 190)
    canvas.solid(foot.outline(), look.trim, foot, HARD)
    canvas.solid(foot.ring(336), lighter(look.trim, 0.2), Puff(6), BARE)
    canvas.solid(base.outline(), look.trim, base, Finish(grain=0.04, cell=1.4))
    _shade(canvas, look, straight((54, 104), (176, 108), gloss=0.0, tilt=0.12))


def desk_lamp(canvas: Canvas, look: Look) -> None:
    """Draw a jointed metal lamp for a desk."""
    foot = straight((336, 74), (350, 76), axis=176, gloss=0.6, tilt=0.16)
    canvas.solid(foot.outline(), look.accent, foot, METAL)
    canvas.solid(foot.ring(336), lighter(look.accent, 0.15), Puff(8, gloss=0.3), BARE)
    for line in (
        curve((178, 332), (142, 268), (108, 206)),
        curve((108, 206), (166, 146), (226, 92)),
    ):
        canvas.tube([line], 9, look.trim, 0.6, METAL)
    canvas.tube([curve((120, 214), (172, 160), (216, 116))], 2.2, darker(look.trim, 0.4))
    for x, y in ((178, 330), (108, 206)):
        canvas.solid(ellipse(x, y, 12, 12), look.accent, Puff(6, gloss=0.6), METAL)
        canvas.solid(ellipse(x, y, 4, 4), darker(look.accent, 0.5), Puff(2, gloss=0.6), BARE)
    opening = blob(
        (212, 176), (250, 160), (300, 128), (330, 98), (322, 122), (270, 164), (226, 184)
    )
    canvas.solid(opening, WARM, Puff(5), BARE)
    head = blob(
        (212, 178),
        (206, 130),
        (214, 88),
        (240, 66),
        (272, 58),
        (306, 72),
        (332, 98),
        (300, 136),
        (256, 164),
    )
    canvas.solid(head, look.pattern, Puff(24, 1.1, 0.55, 22), METAL)
    canvas.solid(
        blob((214, 84), (226, 64), (250, 50), (262, 58), (240, 74), (222, 94)),
        look.accent,
        Puff(7, gloss=0.5),
        METAL,
    )
    canvas.glow(ellipse(284, 142, 40, 16), WARM, 8, 0.35)


def mushroom_lamp(canvas: Canvas, look: Look) -> None:
    """Draw a dome shade on a matching stem."""
    stem = turned((196, 24), (236, 22), (290, 30), (326, 56), (348, 72), gloss=0.8, tilt=0.13)
    canvas.solid(stem.outline(), look.trim, stem, METAL)
    canvas.glow(ellipse(200, 214, 34, 22), WARM, 9, 0.55)
    under = ellipse(200, 190, 128, 20)
    canvas.solid(under, mix(WARM, look.base, 0.2), Puff(5), METAL)
    canvas.glow(ellipse(200, 194, 70, 10), (1.0, 0.98, 0.9), 6, 0.9)
    dome = turned(
        (72, 6), (76, 44), (96, 86), (130, 114), (168, 127), (190, 130), gloss=0.75, tilt=0.0
    )
    canvas.solid(
        dome.outline(), look.pattern, Lathe(dome.ys, dome.widths, 200, 0.10, 0.7), Finish(cast=0)
    )
    canvas.glow(ellipse(200, 176, 110, 24), WARM, 16, 0.32)
    canvas.mark(
        [curve((71, 190), (130, 190), (200, 190), (270, 190), (329, 190))],
        darker(look.base, 0.3),
        2,
        0.5,
    )


def _neck(canvas: Canvas, top: float, bottom: float) -> None:
    neck = straight((top, 6), (bottom, 6), gloss=1.0)
    canvas.solid(neck.outline(), rgb("c8a860"), neck, HARD)


def _shade(canvas: Canvas, look: Look, form: Lathe) -> None:
    """Draw a lit fabric shade: brightest in its middle, where the bulb is."""
    top, bottom = float(form.ys[0]), float(form.ys[-1])
    canvas.solid(form.outline(), look.pattern, form, LINEN)
    middle = (top + bottom) / 2 + 10
    canvas.glow(
        ellipse(200, middle, form.width_at(middle) * 0.62, (bottom - top) * 0.36),
        _lit(look.base),
        20,
        0.55,
    )
    _trim_line(canvas, form, bottom - 2, look.accent)
    _trim_line(canvas, form, top + 3, look.accent)
    canvas.solid(form.ring(top), mix(WARM, look.base, 0.3), Puff(4), BARE)
    inside = ellipse(200, top + 1, form.width_at(top) - 3, (form.width_at(top) - 3) * form.tilt)
    canvas.solid(inside, lighter(WARM, 0.3), Puff(3), BARE)
    canvas.mark([pts((200, top - 5), (200, top + 4))], darker(rgb("c8a860"), 0.3), 3, 0.9)


def _trim_line(canvas: Canvas, form: Lathe, y: float, color: Color) -> None:
    canvas.tube([form.ring(y)[:46]], 4.5, color, 0.0, Finish(cast=0.2, reach=3))


def _lit(color: Color) -> Color:
    return mix(WARM, color, 0.35)
