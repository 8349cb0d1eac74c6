"""Watches, seen from the front."""

from __future__ import annotations

import numpy as np

from .canvas import BARE, HARD, LEATHER, Canvas, Finish
from .colors import Color, darker, lighter, rgb
from .forms import Puff
from .geometry import Array, blob, box, ellipse, pts, superellipse
from .look import Look

STEEL = rgb("b4bac2")
POLISHED = Finish(grain=0.004, cast=0.4, reach=4)


def round_watch(canvas: Canvas, look: Look) -> None:
    """Draw a dress watch: a round case on a leather strap."""
    _strap(canvas, look, 32)
    _case(canvas, look, ellipse(200, 200, 76, 76), ellipse(200, 200, 64, 64))
    _hours(canvas, look, 56, 48)
    _hands(canvas, look)
    _glass(canvas, ellipse(200, 200, 63, 63))


def square_watch(canvas: Canvas, look: Look) -> None:
    """Draw a watch with a rounded square case."""
    _strap(canvas, look, 36)
    _case(canvas, look, superellipse(200, 200, 70, 74, 5.5), superellipse(200, 200, 58, 62, 5.5))
    _hours(canvas, look, 50, 43)
    _hands(canvas, look)
    _glass(canvas, superellipse(200, 200, 57, 61, 5.5))


def steel_watch(canvas: Canvas, look: Look) -> None:
    """Draw a diver's watch with a coloured bezel and a metal bracelet."""
    for y in range(22, 380, 15):
        narrow = 35 - abs(y - 200) * 0.045
        for x0, x1 in (
            (-narrow, -narrow * 0.4),
            (-narrow * 0.4, narrow * 0.4),
            (narrow * 0.4, narrow),
        ):
            canvas.solid(
                box(200 + x0, y, 200 + x1, y + 14, 3), look.trim, Puff(4, 1.2, 0.5, 14), POLISHED
            )
    _case(canvas, look, ellipse(200, 200, 80, 80), ellipse(200, 200, 56, 56))
    canvas.solid(
        ellipse(200, 200, 74, 74), look.base, Puff(6, 1, 0.5, 20), HARD, [ellipse(200, 200, 58, 58)]
    )
    for index in range(12):
        a = index * np.pi / 6
        s, c = np.sin(a), -np.cos(a)
        canvas.mark(
            [pts((200 + 62 * s, 200 + 62 * c), (200 + 69 * s, 200 + 69 * c))], rgb("f4f1e6"), 3, 0.9
        )
    _hours(canvas, look, 48, 42)
    _hands(canvas, look, 0.85)
    _glass(canvas, ellipse(200, 200, 56, 56))


def sport_watch(canvas: Canvas, look: Look) -> None:
    """Draw a digital watch on a rubber strap."""
    _strap(canvas, look, 34, rubber=True)
    case = blob(
        (130, 150),
        (152, 122),
        (248, 122),
        (270, 150),
        (276, 200),
        (270, 250),
        (248, 278),
        (152, 278),
        (130, 250),
        (124, 200),
    )
    canvas.solid(case, look.pattern, Puff(12, 1, 0.3), HARD)
    for y in (162, 236):
        for x in (122, 278):
            canvas.solid(box(x - 6, y - 11, x + 6, y + 11, 4), STEEL, Puff(4, gloss=0.6), POLISHED)
    canvas.solid(box(142, 142, 258, 258, 18), darker(look.base, 0.6), Puff(5, gloss=0.4), HARD)
    canvas.solid(box(152, 168, 248, 240, 6), rgb("b9c3a8"), Puff(2), HARD)
    canvas.mark([pts((160, 156), (240, 156))], look.accent, 4, 0.9)
    for x, digit in ((150, "1"), (177, "0"), (205, "4"), (225, "2")):
        _digit(canvas, digit, x, 186)
    for y in (197, 213):
        canvas.solid(box(197, y, 201, y + 4), rgb("23281f"), None, BARE)
    canvas.mark([pts((160, 178), (196, 178))], rgb("3b4235"), 2, 0.7)
    _glass(canvas, box(150, 150, 250, 250, 12))


def _strap(canvas: Canvas, look: Look, half: float, rubber: bool = False) -> None:
    end = half * 0.72
    finish = HARD if rubber else LEATHER
    top = pts(
        (200 - half, 160),
        (200 - end, 20),
        (200 - end + 4, 14),
        (200 + end - 4, 14),
        (200 + end, 20),
        (200 + half, 160),
    )
    low = pts(
        (200 - half, 240),
        (200 - end, 372),
        (200 - end + 12, 388),
        (200 + end - 12, 388),
        (200 + end, 372),
        (200 + half, 240),
    )
    fill = look.pattern
    for part in (top, low):
        canvas.solid(part, fill, Puff(9, 1.1, 0.1 if rubber else 0.0), finish)
    for side in (-1, 1):
        for y0, y1 in ((18, 150), (250, 372)):
            x0, x1 = (end, half) if y1 < 200 else (half, end)
            canvas.stitch(
                pts((200 + side * (x0 - 5), y0), (200 + side * (x1 - 5), y1)),
                lighter(look.base, 0.55),
            )
    for y in (318, 334, 350, 366):
        canvas.solid(ellipse(200, y, 3, 4), darker(look.base, 0.7), None, BARE)
    canvas.tube([box(200 - end - 5, 12, 200 + end + 5, 40, 5)], 5, STEEL, 0.8)
    canvas.tube([pts((200, 14), (200, 40))], 4, STEEL, 0.8)


def _case(canvas: Canvas, look: Look, rim: Array, dial: Array) -> None:
    metal = look.trim
    canvas.solid(box(270, 190, 286, 210, 4), metal, Puff(4, gloss=0.7), POLISHED)
    canvas.solid(rim, metal, Puff(9, 1.3, 0.75, 16), POLISHED)
    canvas.solid(dial, darker(metal, 0.5), None, BARE)
    face = (dial - 200) * 0.965 + 200
    canvas.solid(face, look.accent, Puff(3, 0.5), Finish(grain=0.012, cast=0))
    canvas.glow(ellipse(226, 232, 34, 30), lighter(look.accent, 0.5), 16, 0.35)


def _hours(canvas: Canvas, look: Look, outer: float, inner: float) -> None:
    ink = _ink(look.accent)
    for index in range(12):
        a = index * np.pi / 6
        s, c = np.sin(a), -np.cos(a)
        start = inner - (5 if index % 3 == 0 else 0)
        line = pts((200 + start * s, 200 + start * c), (200 + outer * s, 200 + outer * c))
        canvas.mark([line], ink, 3.2 if index % 3 == 0 else 1.8, 0.95)


def _hands(canvas: Canvas, look: Look, size: float = 1.0) -> None:
    ink = _ink(look.accent)
    for degrees, length, width in ((305, 34, 5), (62, 48, 3.6)):
        a = np.radians(degrees)
        tip = (200 + np.sin(a) * length * size, 200 - np.cos(a) * length * size)
        canvas.tube([pts((200, 200), tip)], width, ink, 0.3, Finish(cast=0.4, reach=3))
    canvas.tube([pts((196, 214), (212, 158))], 1.5, rgb("d2453a"), 0.0, BARE)
    canvas.solid(ellipse(200, 200, 4, 4), ink, Puff(2, gloss=0.7), BARE)


def _ink(face: Color) -> Color:
    bright = sum(face) / 3 > 0.55
    return rgb("2a2b30") if bright else rgb("f3eee2")


def _glass(canvas: Canvas, outline: Array) -> None:
    low, high = outline.min(axis=0), outline.max(axis=0)
    width = high[0] - low[0]
    glare = pts(
        (low[0] + width * 0.16, low[1] + 10),
        (low[0] + width * 0.5, low[1] + 6),
        (low[0] + width * 0.3, high[1] - 12),
        (low[0] + width * 0.05, high[1] - 30),
    )
    canvas.glow((glare - 200) * 0.9 + 200, (1.0, 1.0, 1.0), 3, 0.16)


def _digit(canvas: Canvas, digit: str, x: float, y: float) -> None:
    lit = {"0": "abcdef", "1": "bc", "2": "abged", "4": "fgbc"}[digit]
    w, h = 15, 19
    bars = {
        "a": ((0, 0), (w, 0)),
        "b": ((w, 0), (w, h)),
        "c": ((w, h), (w, 2 * h)),
        "d": ((0, 2 * h), (w, 2 * h)),
        "e": ((0, h), (0, 2 * h)),
        "f": ((0, 0), (0, h)),
        "g": ((0, h), (w, h)),
    }
    for name in lit:
        (ax, ay), (bx, by) = bars[name]
        canvas.mark([pts((x + ax, y + ay), (x + bx, y + by))], rgb("23281f"), 4, 0.95)
