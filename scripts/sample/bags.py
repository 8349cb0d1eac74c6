"""Bags to carry in the hand or on the back."""

from __future__ import annotations

from .canvas import BARE, CLOTH, LEATHER, Canvas, Finish
from .colors import Color, darker, lighter, rgb
from .forms import Fold, Puff
from .geometry import blob, box, curve, ellipse, flip, pts, smooth
from .look import Look

BRASS = rgb("c9a24e")


def tote(canvas: Canvas, look: Look) -> None:
    """Draw a canvas shopper with two long handles."""
    canvas.tube(
        [curve((150, 150), (158, 70), (200, 44), (242, 70), (250, 150))],
        12,
        darker(look.accent, 0.25),
    )
    body = smooth(
        pts(
            (92, 142),
            (200, 146),
            (308, 142),
            (316, 240),
            (322, 346),
            (200, 354),
            (78, 346),
            (84, 240),
        ),
        steps=10,
    )
    folds = (
        Fold(curve((120, 150), (140, 240), (124, 340)), 14, 9),
        Fold(curve((270, 150), (254, 250), (276, 340)), 16, -9),
        Fold(curve((190, 190), (206, 260), (194, 340)), 18, 7),
        Fold(curve((96, 320), (150, 306), (190, 330)), 10, -7),
    )
    canvas.solid(body, look.pattern, Puff(15, 0.9, folds=folds), CLOTH)
    canvas.stitch(curve((94, 160), (200, 164), (306, 160)), darker(look.base, 0.4))
    canvas.tube([curve((140, 196), (142, 90), (200, 54), (258, 90), (260, 196))], 13, look.accent)
    for x in (140, 260):
        canvas.solid(box(x - 9, 150, x + 9, 200, 3), look.accent, Puff(4), CLOTH)
        canvas.stitch(box(x - 6, 166, x + 6, 197, 0), lighter(look.accent, 0.5))
    canvas.solid(box(176, 262, 224, 290, 3), look.trim, Puff(3), LEATHER)
    canvas.stitch(box(180, 266, 220, 286, 0), lighter(look.trim, 0.5))


def backpack(canvas: Canvas, look: Look) -> None:
    """Draw a rucksack with a front pocket."""
    canvas.tube([curve((178, 58), (184, 32), (200, 28), (216, 32), (222, 58))], 10, look.accent)
    for line in (curve((112, 96), (84, 180), (92, 300)), curve((288, 96), (316, 180), (308, 300))):
        canvas.tube([line], 20, darker(look.accent, 0.2))
    for side in (box(88, 236, 130, 340, 16), box(270, 236, 312, 340, 16)):
        canvas.solid(side, darker(look.base, 0.15), Puff(10), CLOTH)
    body = smooth(
        pts(
            (106, 130),
            (122, 76),
            (160, 54),
            (200, 50),
            (240, 54),
            (278, 76),
            (294, 130),
            (300, 250),
            (292, 346),
            (200, 358),
            (108, 346),
            (100, 250),
        ),
        steps=10,
    )
    canvas.solid(body, look.pattern, Puff(28, 1.0), CLOTH)
    zip_line = curve(
        (112, 186), (120, 110), (160, 76), (200, 71), (240, 76), (280, 110), (288, 186)
    )
    canvas.tube([zip_line], 4.5, darker(look.base, 0.5))
    canvas.stitch(zip_line - (0, 6), darker(look.base, 0.45))
    _zip_pull(canvas, 280, 150)
    pocket = smooth(
        pts(
            (122, 224),
            (200, 218),
            (278, 224),
            (284, 270),
            (276, 334),
            (200, 342),
            (124, 334),
            (116, 270),
        ),
        steps=10,
    )
    canvas.solid(pocket, look.accent, Puff(18, 1.0), CLOTH)
    canvas.tube([curve((126, 242), (200, 236), (274, 242))], 4.5, darker(look.accent, 0.5))
    _zip_pull(canvas, 262, 246)
    canvas.solid(box(174, 274, 226, 306, 4), look.trim, Puff(4), LEATHER)
    canvas.stitch(box(178, 278, 222, 302, 3), lighter(look.trim, 0.5))
    for x in (150, 250):
        canvas.solid(box(x - 6, 140, x + 6, 222, 2), look.trim, Puff(3), LEATHER)
        canvas.solid(box(x - 9, 182, x + 9, 198, 3), BRASS, Puff(3, gloss=0.8))


def handbag(canvas: Canvas, look: Look) -> None:
    """Draw a structured bag with a flap, a clasp and one top handle."""
    canvas.tube(
        [curve((146, 172), (150, 104), (200, 76), (250, 104), (254, 172))],
        15,
        look.accent,
        0.25,
        LEATHER,
    )
    body = smooth(
        pts(
            (92, 166),
            (200, 160),
            (308, 166),
            (328, 250),
            (336, 330),
            (200, 340),
            (64, 330),
            (72, 250),
        ),
        steps=10,
    )
    canvas.solid(body, look.pattern, Puff(20, 1.0, 0.18, 16), LEATHER)
    flap = smooth(
        pts(
            (88, 166),
            (200, 158),
            (312, 166),
            (322, 214),
            (296, 250),
            (200, 264),
            (104, 250),
            (78, 214),
        ),
        steps=10,
    )
    canvas.solid(flap, look.accent, Puff(12, 1.0, 0.2, 16), LEATHER)
    canvas.stitch(
        curve((86, 214), (108, 244), (200, 257), (292, 244), (314, 214)), lighter(look.accent, 0.4)
    )
    for x in (146, 254):
        canvas.tube([ellipse(x, 174, 9, 11)], 4.5, BRASS, 0.8)
    canvas.solid(box(180, 244, 220, 282, 6), BRASS, Puff(6, gloss=0.8))
    canvas.solid(box(192, 256, 208, 272, 3), darker(BRASS, 0.3), Puff(4, gloss=0.6))
    canvas.stitch(curve((72, 322), (200, 331), (328, 322)), lighter(look.base, 0.35))


def duffel(canvas: Canvas, look: Look) -> None:
    """Draw a weekend bag with round ends and two straps."""
    canvas.tube(
        [curve((144, 200), (150, 128), (200, 106), (250, 128), (256, 200))],
        11,
        darker(look.accent, 0.25),
        0.1,
        LEATHER,
    )
    body = smooth(
        pts(
            (52, 216),
            (72, 176),
            (130, 164),
            (200, 162),
            (270, 164),
            (328, 176),
            (348, 216),
            (350, 280),
            (334, 322),
            (200, 332),
            (66, 322),
            (50, 280),
        ),
        steps=10,
    )
    folds = (
        Fold(curve((186, 200), (200, 250), (188, 320)), 14, -9),
        Fold(curve((226, 190), (216, 240), (226, 310)), 14, 7),
    )
    canvas.solid(body, look.pattern, Puff(32, 1.0, folds=folds), CLOTH)
    canvas.tube([curve((84, 180), (200, 172), (316, 180))], 4.5, darker(look.base, 0.5))
    _zip_pull(canvas, 306, 184)
    for outline in (
        blob((50, 216), (68, 180), (92, 176), (100, 250), (92, 324), (66, 322), (48, 280)),
    ):
        for side in (outline, flip(outline)):
            canvas.solid(side, look.accent, Puff(14), LEATHER)
            canvas.stitch(side[30:64], lighter(look.accent, 0.4))
    for x in (140, 260):
        canvas.solid(box(x - 8, 186, x + 8, 326, 2), look.accent, Puff(4), LEATHER)
    canvas.tube(
        [curve((140, 250), (142, 160), (200, 128), (258, 160), (260, 250))],
        12,
        look.accent,
        0.12,
        LEATHER,
    )
    canvas.solid(box(182, 132, 218, 154, 8), look.trim, Puff(7), LEATHER)


def _zip_pull(canvas: Canvas, x: float, y: float, color: Color = BRASS) -> None:
    canvas.solid(ellipse(x, y, 4.5, 4.5), color, Puff(3, gloss=0.7), BARE)
    canvas.solid(
        box(x - 2.6, y + 2, x + 2.6, y + 20, 2), color, Puff(2, gloss=0.7), Finish(reach=3)
    )
