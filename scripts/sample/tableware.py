"""Mugs and bottles, turned about a vertical axis."""

from __future__ import annotations

from .canvas import BARE, HARD, Canvas, Finish
from .colors import Color, darker, lighter, rgb
from .forms import Lathe, Puff
from .geometry import Array, curve, ellipse, shift
from .look import Look, straight, turned

CERAMIC = Finish(grain=0.006, cast=0.2)
STEEL = rgb("b9bfc6")


def classic_mug(canvas: Canvas, look: Look) -> None:
    """Draw a straight mug with a round handle."""
    body = straight(
        (112, 86), (298, 86), (310, 84), (318, 80), (323, 75), axis=180, tilt=0.14, gloss=0.7
    )
    _handle(canvas, look.accent, curve((258, 150), (312, 150), (330, 206), (306, 262), (256, 268)))
    _mug_body(canvas, look, body)


def latte_mug(canvas: Canvas, look: Look) -> None:
    """Draw a tall mug that narrows to its foot."""
    body = straight((78, 82), (300, 58), (322, 54), axis=184, tilt=0.15, gloss=0.7)
    _handle(canvas, look.accent, curve((252, 120), (306, 118), (312, 176), (284, 232), (242, 240)))
    _mug_body(canvas, look, body)


def round_mug(canvas: Canvas, look: Look) -> None:
    """Draw a round-bellied mug."""
    body = turned(
        (130, 78),
        (165, 94),
        (215, 104),
        (270, 92),
        (306, 62),
        (318, 56),
        axis=178,
        tilt=0.16,
        gloss=0.7,
    )
    _handle(canvas, look.accent, curve((264, 172), (318, 160), (336, 210), (308, 254), (262, 256)))
    _mug_body(canvas, look, body)


def enamel_mug(canvas: Canvas, look: Look) -> None:
    """Draw a camping mug with a coloured rim."""
    body = straight((128, 90), (300, 86), (314, 80), axis=180, tilt=0.14, gloss=0.85)
    flat = curve((262, 146), (320, 144), (326, 170), (318, 240), (300, 252), (260, 252))
    canvas.tube([flat], 10, look.pattern.base, 0.7, CERAMIC)
    _mug_body(canvas, look, body)
    canvas.tube([body.ring(128, 2)], 6, look.accent, 0.6, BARE)
    canvas.tube([body.ring(314, 1)[:46]], 4, look.accent, 0.4, BARE)


def _handle(canvas: Canvas, color: Color, line: Array) -> None:
    canvas.tube([line], 23, color, 0.55, CERAMIC)


def _mug_body(canvas: Canvas, look: Look, body: Lathe) -> None:
    top = float(body.ys[0])
    canvas.solid(body.outline(), look.pattern, body, CERAMIC)
    width = body.width_at(top)
    foot = ellipse(
        body.axis, float(body.ys[-1]), body.widths[-1], body.widths[-1] * body.tilt, 5, 175
    )
    canvas.mark([shift(foot, 0, -2)], darker(look.base, 0.5), 2.2, 0.3)
    rim = body.ring(top)
    canvas.solid(rim, lighter(look.accent, 0.35), Puff(3, gloss=0.5), BARE)
    inside = ellipse(body.axis, top + 1, width - 6, (width - 6) * body.tilt)
    glaze = lighter(look.trim, 0.45)
    canvas.solid(inside, darker(glaze, 0.28), None, BARE)
    canvas.glow(ellipse(body.axis + width * 0.35, top + 2, width * 0.5, 9), glaze, 8, 0.9)
    canvas.glow(ellipse(body.axis - width * 0.6, top, width * 0.28, 9), darker(glaze, 0.7), 8, 0.5)


def sport_bottle(canvas: Canvas, look: Look) -> None:
    """Draw a steel bottle with a screw cap and a carrying loop."""
    body = turned(
        (98, 26), (116, 33), (138, 50), (160, 54), (340, 54), (352, 50), gloss=0.55, tilt=0.1
    )
    loop = curve((176, 62), (178, 30), (200, 22), (222, 30), (224, 62))
    canvas.tube([loop], 9, look.trim, 0.3)
    canvas.solid(body.outline(), look.pattern, body, Finish(grain=0.02, cell=0.9, cast=0.2))
    _ring(canvas, body, 336, 352, STEEL)
    cap = straight((56, 30), (96, 30), (100, 28), gloss=0.3, tilt=0.12)
    canvas.solid(cap.outline(), look.trim, cap, HARD)
    for y in (66, 74, 82, 90):
        canvas.mark([cap.ring(y)[:46]], darker(look.trim, 0.6), 1.6, 0.5)
    canvas.solid(cap.ring(56), lighter(look.trim, 0.18), None, BARE)


def glass_bottle(canvas: Canvas, look: Look) -> None:
    """Draw a coloured glass bottle with a cork."""
    body = turned(
        (62, 17),
        (70, 15),
        (130, 16),
        (160, 24),
        (190, 50),
        (212, 60),
        (330, 60),
        (350, 55),
        tilt=0.12,
        gloss=1.0,
    )
    cork = straight((38, 14), (66, 13), gloss=0.0, tilt=0.14)
    canvas.solid(cork.outline(), rgb("c99f6b"), cork, Finish(grain=0.09, cell=1.6))
    canvas.solid(cork.ring(38), rgb("dcb687"), None, BARE)
    canvas.solid(body.outline(), look.pattern, body, CERAMIC)
    canvas.glow(ellipse(222, 270, 26, 70), lighter(look.base, 0.6), 18, 0.55)
    canvas.glow(ellipse(200, 352, 52, 7), darker(look.base, 0.6), 5, 0.6)
    canvas.tube([body.ring(66, 2)[:46]], 6, darker(look.base, 0.15), 0.6, BARE)
    label = straight((236, 60.5), (306, 60.5), tilt=0.12, gloss=0.08)
    canvas.solid(label.outline(), look.trim, label, Finish(grain=0.03, cast=0.2))
    for y, color in ((246, look.accent), (300, look.accent)):
        canvas.mark([shift(label.ring(y)[4:42], 0, 0)], color, 2.2, 0.9)
    canvas.solid(ellipse(200, 282, 14, 14), look.accent, None, BARE)
    canvas.solid(ellipse(200, 282, 7, 7), look.trim, None, BARE)


def flask(canvas: Canvas, look: Look) -> None:
    """Draw a vacuum flask with a cup for a lid and a handle."""
    body = turned(
        (138, 46), (150, 58), (170, 62), (336, 62), (352, 58), gloss=0.6, tilt=0.1, axis=190
    )
    grip = curve((246, 178), (290, 178), (294, 240), (290, 296), (246, 298))
    canvas.tube([grip], 15, look.trim, 0.25)
    canvas.solid(body.outline(), look.pattern, body, Finish(grain=0.03, cell=0.9, cast=0.2))
    for low, high in ((140, 152), (334, 352)):
        _ring(canvas, body, low, high, STEEL)
    cup = straight((50, 38), (134, 47), (142, 47), gloss=0.9, tilt=0.1, axis=190)
    canvas.solid(cup.outline(), look.accent, cup, HARD)
    canvas.mark([cup.ring(128)[:46], cup.ring(66)[:46]], darker(look.accent, 0.6), 1.4, 0.45)
    canvas.solid(cup.ring(50), lighter(look.accent, 0.25), Puff(4, gloss=0.4), BARE)


def tumbler(canvas: Canvas, look: Look) -> None:
    """Draw a tapered tumbler with a clear lid and a straw."""
    canvas.tube([curve((214, 96), (228, 50), (236, 18))], 9, look.accent, 0.5)
    body = straight((104, 66), (340, 46), (352, 43), gloss=0.75, tilt=0.12)
    canvas.solid(body.outline(), look.pattern, body, CERAMIC)
    lid = straight((86, 64), (98, 69), (110, 69), gloss=0.5, tilt=0.14)
    canvas.solid(lid.outline(), look.trim, lid, HARD)
    canvas.solid(lid.ring(86), lighter(look.trim, 0.3), Puff(5, gloss=0.5), BARE)
    canvas.solid(ellipse(215, 86, 8, 4), darker(look.trim, 0.6), None, BARE)
    canvas.tube([curve((215, 86), (217, 80), (220, 72))], 9, look.accent, 0.5, BARE)
    canvas.tube([body.ring(346, 0)[:46]], 4, STEEL, 0.6, BARE)


def _ring(canvas: Canvas, body: Lathe, low: float, high: float, color: Color) -> None:
    band = straight(
        (low, body.width_at(low) + 0.6),
        (high, body.width_at(high) + 0.6),
        axis=body.axis,
        tilt=body.tilt,
        gloss=1.0,
    )
    canvas.solid(band.outline(), color, band, BARE)
