"""Chairs and stools, seen from slightly above."""

from __future__ import annotations

from .canvas import CLOTH, Canvas, Finish
from .colors import Color, darker, lighter
from .forms import Fold, Puff
from .geometry import blob, box, curve, ellipse, flip, pts, smooth
from .look import Look

WOOD = Finish(grain=0.05, cell=1.6, cast=0.3)


def armchair(canvas: Canvas, look: Look) -> None:
    """Draw an upholstered armchair on short legs."""
    for x, lean in ((112, -8), (288, 8)):
        _leg(canvas, look.trim, (x, 318), (x + lean, 372), 12)
    back = smooth(
        pts((108, 210), (102, 120), (124, 72), (200, 58), (276, 72), (298, 120), (292, 210))
    )
    folds = (
        Fold(curve((200, 66), (198, 130), (200, 220)), 8, -9),
        Fold(curve((120, 190), (150, 176), (186, 190)), 10, 6),
        Fold(curve((214, 190), (250, 176), (280, 190)), 10, 6),
    )
    canvas.solid(back, look.pattern, Puff(26, 1.1, folds=folds), CLOTH)
    for x in (150, 200, 250):
        canvas.solid(ellipse(x, 128, 4.5, 4.5), darker(look.base, 0.3), Puff(3), CLOTH)
    canvas.solid(box(92, 246, 308, 334, 18), look.pattern, Puff(20), CLOTH)
    canvas.solid(box(110, 200, 290, 272, 28), look.pattern, Puff(22, 1.2), CLOTH)
    canvas.mark([curve((118, 252), (200, 259), (282, 252))], darker(look.base, 0.6), 1.4, 0.4)
    arm = smooth(
        pts((70, 196), (92, 172), (122, 182), (128, 230), (124, 332), (82, 332), (74, 260))
    )
    for side in (arm, flip(arm)):
        canvas.solid(side, look.pattern, Puff(19, 1.2), CLOTH)
        canvas.stitch(side[8:60], darker(look.base, 0.4))


def dining_chair(canvas: Canvas, look: Look) -> None:
    """Draw a wooden chair with slats and a padded seat."""
    wood = look.trim
    for start, end in (((152, 210), (146, 322)), ((252, 210), (262, 322))):
        _leg(canvas, darker(wood, 0.15), start, end, 11)
    for x in (146, 254):
        canvas.tube(
            [curve((x + (3 if x < 200 else -3), 232), (x, 150), (x - 4, 44))], 13, wood, 0.15, WOOD
        )
    for y, height in ((56, 30), (104, 17), (138, 17)):
        slat = smooth(
            pts(
                (144, y),
                (200, y - 5),
                (256, y),
                (256, y + height),
                (200, y + height - 5),
                (144, y + height),
            )
        )
        canvas.solid(slat, _grain_of(wood), Puff(6, gloss=0.1), WOOD)
    _leg(canvas, wood, (130, 244), (120, 374), 14)
    _leg(canvas, wood, (268, 244), (282, 374), 14)
    canvas.tube([curve((126, 300), (200, 303), (276, 300))], 8, wood, 0.1, WOOD)
    apron = pts((124, 232), (276, 232), (274, 258), (126, 258))
    canvas.solid(apron, _grain_of(wood), Puff(5), WOOD)
    seat = blob(
        (140, 196),
        (200, 192),
        (260, 196),
        (284, 226),
        (282, 238),
        (200, 246),
        (118, 238),
        (116, 226),
    )
    canvas.solid(seat, look.pattern, Puff(13, 1.2), CLOTH)


def shell_chair(canvas: Canvas, look: Look) -> None:
    """Draw a moulded shell on splayed wooden legs."""
    for start, end in (((176, 240), (138, 340)), ((226, 240), (268, 340))):
        _leg(canvas, darker(look.trim, 0.2), start, end, 9)
    back = blob(
        (128, 210),
        (112, 150),
        (122, 90),
        (160, 62),
        (200, 57),
        (240, 62),
        (278, 90),
        (288, 150),
        (272, 210),
        (200, 240),
    )
    hollow = (
        Fold(curve((200, 100), (200, 160), (200, 220)), 60, -16),
        Fold(curve((140, 214), (200, 224), (260, 214)), 16, -14),
    )
    canvas.solid(back, look.pattern, Puff(12, 1.1, 0.5, 20, hollow), Finish(grain=0.012))
    _leg(canvas, look.trim, (164, 258), (116, 374), 12)
    _leg(canvas, look.trim, (236, 258), (286, 374), 12)
    canvas.tube([curve((146, 312), (200, 318), (254, 312))], 4, darker(look.trim, 0.7), 0.4)
    seat = blob(
        (122, 204),
        (150, 226),
        (200, 232),
        (250, 226),
        (278, 204),
        (288, 226),
        (274, 258),
        (200, 270),
        (126, 258),
        (112, 226),
    )
    canvas.solid(seat, look.pattern, Puff(14, 1.1, 0.5, 20), Finish(grain=0.012))


def bar_stool(canvas: Canvas, look: Look) -> None:
    """Draw a tall stool with a round padded seat."""
    for start, end in (((172, 120), (150, 346)), ((228, 120), (250, 346))):
        _leg(canvas, darker(look.trim, 0.25), start, end, 9)
    canvas.tube([ellipse(200, 282, 62, 13)], 6, darker(look.trim, 0.1), 0.5)
    _leg(canvas, look.trim, (148, 120), (118, 374), 11)
    _leg(canvas, look.trim, (252, 120), (282, 374), 11)
    canvas.solid(box(132, 100, 268, 126, 12), darker(look.trim, 0.1), Puff(6), WOOD)
    seat = smooth(
        pts(
            (122, 88),
            (150, 60),
            (200, 54),
            (250, 60),
            (278, 88),
            (272, 110),
            (200, 118),
            (128, 110),
        )
    )
    canvas.solid(seat, look.pattern, Puff(20, 1.2), CLOTH)
    canvas.mark([curve((126, 98), (200, 108), (274, 98))], darker(look.base, 0.7), 2, 0.5)


def _leg(
    canvas: Canvas, color: Color, start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    half, tip = width / 2, width / 3.2
    outline = pts(
        (start[0] - half, start[1]),
        (start[0] + half, start[1]),
        (end[0] + tip, end[1]),
        (end[0] - tip, end[1]),
    )
    canvas.solid(outline, color, Puff(width * 0.4, gloss=0.15), WOOD)


def _grain_of(color: Color) -> Color:
    return lighter(color, 0.06)
