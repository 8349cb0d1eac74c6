"""Sneakers, seen from the side with the toe to the left."""

from __future__ import annotations

from .canvas import BARE, CLOTH, HARD, LEATHER, Canvas, Finish
from .colors import Color, darker, lighter, rgb
from .forms import Fold, Puff
from .geometry import Array, blob, curve, ellipse, pts, shift, smooth
from .look import Look

RUBBER = rgb("f1efe9")
LACE = Finish(grain=0.04, cast=0.5, reach=3)


def runner(canvas: Canvas, look: Look) -> None:
    """Draw a running shoe with a thick, waved sole."""
    _collar(canvas, look, 262, 158, 58, 16, -4)
    upper = blob(
        (46, 270),
        (56, 238),
        (92, 220),
        (136, 203),
        (172, 176),
        (196, 150),
        (214, 146),
        (240, 168),
        (278, 172),
        (308, 152),
        (330, 138),
        (342, 156),
        (346, 210),
        (352, 272),
        (200, 284),
    )
    canvas.solid(upper, look.pattern, _upper_form(), CLOTH)
    toe = blob((46, 272), (54, 242), (86, 224), (112, 228), (122, 276), (84, 284))
    canvas.solid(toe, look.trim, Puff(9), LEATHER)
    heel = blob((300, 280), (298, 224), (316, 190), (344, 176), (347, 220), (352, 276))
    canvas.solid(heel, look.accent, Puff(9), LEATHER)
    for dx in (0, 26):
        streak = blob(
            (168 + dx, 274),
            (188 + dx, 238),
            (226 + dx, 204),
            (236 + dx, 207),
            (206 + dx, 246),
            (192 + dx, 276),
        )
        canvas.solid(streak, look.accent, Puff(4), LEATHER)
    _laces(canvas, look, curve((132, 208), (170, 184), (204, 156)), 5)
    sole = blob(
        (38, 268),
        (70, 274),
        (130, 272),
        (200, 268),
        (280, 258),
        (356, 252),
        (366, 276),
        (356, 302),
        (280, 304),
        (230, 298),
        (180, 304),
        (80, 306),
        (46, 296),
    )
    canvas.solid(sole, RUBBER, Puff(11), HARD)
    canvas.mark(
        [curve((44, 284), (130, 288), (220, 282), (300, 284), (362, 276))], look.accent, 4, 0.85
    )
    canvas.mark(
        [curve((52, 301), (130, 305), (200, 301), (280, 302), (350, 300))], rgb("55555a"), 5, 0.8
    )


def court_shoe(canvas: Canvas, look: Look) -> None:
    """Draw a flat leather shoe with a plain cup sole."""
    _collar(canvas, look, 262, 168, 60, 15, -3)
    upper = blob(
        (48, 270),
        (52, 238),
        (84, 222),
        (132, 212),
        (176, 184),
        (196, 162),
        (214, 156),
        (240, 178),
        (280, 184),
        (318, 164),
        (336, 158),
        (344, 180),
        (350, 220),
        (352, 272),
        (200, 280),
    )
    canvas.solid(upper, look.pattern, _upper_form(), LEATHER)
    tab = blob((318, 212), (318, 176), (334, 162), (344, 180), (349, 214), (334, 220))
    canvas.solid(tab, look.accent, Puff(7), LEATHER)
    stay = blob((134, 216), (176, 188), (200, 166), (216, 176), (196, 210), (160, 240), (138, 238))
    canvas.solid(stay, look.pattern, Puff(5), LEATHER)
    canvas.stitch(curve((140, 236), (160, 236), (194, 208), (212, 178)), darker(look.base, 0.4))
    canvas.stitch(curve((312, 268), (306, 230), (314, 186)), darker(look.base, 0.4))
    for x, y in ((84, 240), (98, 238), (90, 251), (104, 249), (112, 237), (118, 248)):
        canvas.solid(ellipse(x, y, 2.2, 2.2), darker(look.base, 0.6), None, BARE)
    _laces(canvas, look, curve((136, 216), (172, 192), (202, 166)), 6)
    _cup_sole(canvas, look.trim)


def high_top(canvas: Canvas, look: Look) -> None:
    """Draw a canvas high-top with a rubber toe cap and an ankle patch."""
    _collar(canvas, look, 268, 92, 62, 13, -6)
    upper = blob(
        (58, 268),
        (60, 244),
        (92, 226),
        (140, 210),
        (172, 180),
        (186, 130),
        (198, 88),
        (212, 82),
        (260, 100),
        (312, 92),
        (332, 86),
        (338, 130),
        (336, 190),
        (346, 240),
        (350, 270),
        (200, 280),
    )
    canvas.solid(upper, look.pattern, _upper_form(), CLOTH)
    stay = blob(
        (142, 214), (174, 184), (190, 134), (200, 90), (216, 92), (212, 150), (196, 206), (158, 236)
    )
    canvas.solid(stay, look.pattern, Puff(4), CLOTH)
    canvas.stitch(curve((158, 234), (194, 206), (209, 150), (213, 96)), RUBBER)
    canvas.stitch(curve((306, 266), (300, 180), (306, 100)), RUBBER)
    toe = blob((48, 274), (52, 246), (80, 230), (104, 236), (112, 276), (80, 284))
    canvas.solid(toe, RUBBER, Puff(10, gloss=0.15), HARD)
    canvas.solid(ellipse(262, 158, 25, 25), look.trim, Puff(4), LEATHER)
    canvas.stitch(ellipse(262, 158, 20, 20), look.accent, 1.4)
    canvas.solid(ellipse(262, 158, 9, 9), look.accent, None, BARE)
    _laces(canvas, look, curve((144, 212), (172, 182), (188, 136), (202, 94)), 8)
    _cup_sole(canvas, RUBBER)
    canvas.mark([curve((50, 277), (200, 283), (354, 275))], look.accent, 3, 0.9)


def slip_on(canvas: Canvas, look: Look) -> None:
    """Draw a laceless canvas shoe with elastic at the sides."""
    far = blob((176, 196), (214, 176), (280, 172), (334, 176), (334, 210), (190, 214))
    canvas.solid(far, darker(look.accent, 0.3), Puff(8), CLOTH)
    canvas.solid(shift(far, 2, 9), darker(look.trim, 0.55), Puff(8), CLOTH)
    upper = blob(
        (48, 270),
        (54, 242),
        (88, 226),
        (130, 214),
        (164, 190),
        (184, 182),
        (220, 198),
        (270, 202),
        (314, 182),
        (336, 172),
        (346, 194),
        (350, 230),
        (352, 272),
        (200, 280),
    )
    canvas.solid(upper, look.pattern, _upper_form(), CLOTH)
    gore = pts((190, 190), (226, 204), (208, 240))
    canvas.solid(gore, darker(look.accent, 0.2), Puff(4), Finish(grain=0.14, cell=1.0))
    canvas.tube([curve((180, 184), (220, 200), (270, 204), (314, 185), (334, 175))], 8, look.accent)
    heel = blob((318, 274), (314, 226), (326, 186), (346, 192), (351, 236), (353, 274))
    canvas.solid(heel, look.accent, Puff(6), LEATHER)
    _cup_sole(canvas, look.trim)


def _upper_form() -> Puff:
    return Puff(
        24,
        1.0,
        0.12,
        18,
        (
            Fold(curve((120, 226), (132, 244), (134, 262)), 8, -6),
            Fold(curve((140, 214), (154, 240), (158, 262)), 8, 5),
            Fold(curve((290, 190), (286, 220), (292, 250)), 10, -6),
        ),
    )


def _collar(
    canvas: Canvas, look: Look, x: float, y: float, rx: float, ry: float, lean: float
) -> None:
    """Draw what the opening shows: the far side, the lining and the tongue."""
    far = blob(
        (x - rx, y),
        (x - rx * 0.5, y - ry + lean),
        (x + rx * 0.5, y - ry),
        (x + rx, y - 6),
        (x + rx, y + 30),
        (x - rx, y + 30),
    )
    canvas.solid(far, darker(look.base, 0.3), Puff(8), CLOTH)
    canvas.solid(shift(far, 0, 7), darker(look.trim, 0.55), Puff(8), CLOTH)
    tongue = blob(
        (x - rx - 20, y + 14), (x - rx - 4, y - 26), (x - rx + 18, y - 30), (x - rx + 24, y + 20)
    )
    canvas.solid(tongue, look.accent, Puff(9), CLOTH)


def _laces(canvas: Canvas, look: Look, line: Array, count: int) -> None:
    lace = lighter(look.trim, 0.55)
    places = line[:: max(1, (len(line) - 1) // (count - 1))][:count]
    for x, y in places:
        eye = (x + 17, y + 17)
        canvas.solid(ellipse(*eye, 3.4, 3.4), rgb("8b8d91"), Puff(2, gloss=0.7))
        canvas.tube([curve(eye, (x + 6, y + 2), (x - 6, y - 1))], 6, lace, finish=LACE)
    x, y = places[-1]
    for loop in (
        curve((x, y), (x - 26, y - 6), (x - 30, y + 12), (x - 4, y + 6)),
        curve((x, y), (x + 20, y + 20), (x + 12, y + 40)),
    ):
        canvas.tube([loop], 4.4, lace, finish=LACE)


def _cup_sole(canvas: Canvas, color: Color) -> None:
    sole = smooth(
        pts(
            (44, 266),
            (120, 276),
            (200, 278),
            (290, 272),
            (356, 262),
            (360, 290),
            (350, 304),
            (200, 307),
            (70, 306),
            (44, 296),
        ),
        steps=10,
    )
    canvas.solid(sole, lighter(color, 0.1), Puff(9, gloss=0.1), HARD)
    canvas.stitch(
        curve((50, 276), (120, 285), (200, 287), (290, 281), (354, 272)), darker(color, 0.35)
    )
    canvas.mark([curve((54, 303), (200, 306), (348, 301))], darker(color, 0.5), 3.4, 0.7)
