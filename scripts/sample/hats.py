"""Hats and caps."""

from __future__ import annotations

import numpy as np

from .canvas import BARE, CLOTH, Canvas, Finish
from .colors import darker, lighter
from .forms import Fold, Puff
from .geometry import blob, box, curve, ellipse, pts, smooth
from .look import Look

KNIT = Finish(grain=0.10, cell=1.8, cast=0.35)
STRAW = Finish(grain=0.10, cell=1.5, cast=0.35)


def baseball_cap(canvas: Canvas, look: Look) -> None:
    """Draw a peaked cap, turned to the left."""
    crown = blob(
        (112, 232),
        (108, 176),
        (136, 118),
        (196, 90),
        (262, 98),
        (312, 142),
        (330, 206),
        (328, 236),
        (220, 252),
    )
    seams = (
        Fold(curve((206, 92), (172, 150), (164, 244)), 4, -5),
        Fold(curve((206, 92), (260, 150), (272, 246)), 4, -5),
    )
    canvas.solid(crown, look.pattern, Puff(34, 1.0, folds=seams), CLOTH)
    for line in (
        curve((204, 94), (168, 150), (160, 240)),
        curve((208, 94), (264, 150), (276, 242)),
    ):
        canvas.stitch(line, darker(look.base, 0.45))
    for x, y in ((238, 132), (142, 146), (294, 172)):
        canvas.solid(ellipse(x, y, 4, 4), darker(look.base, 0.6), Puff(2), BARE)
    canvas.solid(ellipse(207, 92, 11, 6), look.accent, Puff(4), CLOTH)
    badge = box(176, 158, 228, 200, 8)
    canvas.solid(badge, look.trim, Puff(4), KNIT)
    canvas.stitch(box(180, 162, 224, 196, 6), lighter(look.trim, 0.6))
    canvas.solid(pts((186, 190), (201, 168), (218, 190)), lighter(look.trim, 0.8), None, BARE)
    peak = blob(
        (112, 222),
        (164, 226),
        (222, 240),
        (236, 252),
        (190, 258),
        (120, 270),
        (62, 280),
        (34, 272),
        (48, 248),
        (80, 228),
    )
    canvas.solid(peak, look.accent, Puff(10, 1.0), CLOTH)
    for k in (8, 16):
        canvas.stitch(
            curve((44 + k, 264 - k * 0.4), (110, 252 - k), (214 - k, 246 - k * 0.4)),
            darker(look.accent, 0.4),
        )


def beanie(canvas: Canvas, look: Look) -> None:
    """Draw a knitted hat with a turned brim and a pompom."""
    canvas.solid(
        ellipse(200, 82, 40, 38), look.accent, Puff(24, 1.1), Finish(grain=0.34, cell=3.0, cast=0.4)
    )
    crown = blob(
        (98, 250),
        (96, 196),
        (118, 140),
        (160, 110),
        (200, 104),
        (240, 110),
        (282, 140),
        (304, 196),
        (302, 250),
    )
    canvas.solid(crown, look.pattern, Puff(34, 1.0, folds=_ribs(200, 106, 100, 252, 200)), KNIT)
    brim = blob(
        (86, 244),
        (120, 234),
        (200, 230),
        (280, 234),
        (314, 244),
        (316, 282),
        (300, 306),
        (200, 314),
        (100, 306),
        (84, 282),
    )
    canvas.solid(brim, look.accent, Puff(14, 1.0, folds=_ribs(200, 230, 112, 312, 214)), KNIT)
    canvas.solid(box(226, 262, 262, 290, 3), look.trim, Puff(3), CLOTH)
    canvas.stitch(box(229, 265, 259, 287, 2), lighter(look.trim, 0.5))


def bucket_hat(canvas: Canvas, look: Look) -> None:
    """Draw a soft hat with a sloping brim."""
    brim = smooth(
        pts(
            (124, 208),
            (200, 216),
            (276, 208),
            (316, 246),
            (344, 290),
            (280, 316),
            (200, 322),
            (120, 316),
            (56, 290),
            (84, 246),
        )
    )
    inner = blob(
        (70, 290),
        (130, 270),
        (200, 264),
        (270, 270),
        (330, 290),
        (270, 314),
        (200, 320),
        (130, 314),
    )
    waves = (
        Fold(curve((130, 220), (110, 260), (104, 312)), 12, 7),
        Fold(curve((250, 220), (272, 260), (276, 314)), 14, -8),
        Fold(curve((186, 222), (180, 270), (184, 320)), 14, -6),
    )
    canvas.solid(inner, darker(look.base, 0.6), Puff(8), CLOTH)
    canvas.solid(brim, look.pattern, Puff(13, 1.0, folds=waves), CLOTH)
    for k in range(5):
        y, w = 304 - 17 * k, 146 - 15 * k
        canvas.stitch(
            curve(
                (200 - w, y - 19),
                (200 - w * 0.55, y + 1),
                (200, y + 8),
                (200 + w * 0.55, y + 1),
                (200 + w, y - 19),
            ),
            darker(look.base, 0.45),
            0.8,
        )
    crown = blob(
        (122, 212),
        (128, 150),
        (142, 118),
        (200, 104),
        (258, 118),
        (272, 150),
        (278, 212),
        (200, 224),
    )
    dent = (
        Fold(curve((148, 132), (200, 144), (252, 132)), 8, -7),
        Fold(curve((150, 160), (160, 190), (150, 214)), 10, -6),
    )
    canvas.solid(crown, look.pattern, Puff(26, 1.0, folds=dent), CLOTH)
    canvas.stitch(curve((140, 128), (200, 140), (260, 128)), darker(look.base, 0.45))
    for x in (146, 160):
        canvas.solid(ellipse(x, 182, 4.5, 4.5), look.accent, Puff(2.5, gloss=0.6))


def sun_hat(canvas: Canvas, look: Look) -> None:
    """Draw a wide-brimmed hat with a ribbon."""
    brim = blob(
        (26, 252),
        (74, 222),
        (140, 206),
        (200, 202),
        (260, 206),
        (326, 222),
        (374, 252),
        (330, 282),
        (260, 298),
        (200, 303),
        (140, 298),
        (70, 282),
    )
    canvas.solid(brim, look.pattern, Puff(15, 1.0, folds=_rings(200, 250)), STRAW)
    crown = blob(
        (112, 244),
        (118, 170),
        (134, 122),
        (168, 104),
        (200, 114),
        (232, 104),
        (266, 122),
        (282, 170),
        (288, 244),
        (200, 262),
    )
    pinch = (
        Fold(curve((200, 112), (198, 140), (200, 172)), 18, -14),
        Fold(curve((150, 116), (160, 150), (156, 180)), 12, -9),
    )
    canvas.solid(crown, look.pattern, Puff(30, 1.0, folds=pinch), STRAW)
    band = np.vstack(
        [curve((114, 212), (200, 230), (286, 212)), curve((289, 246), (200, 265), (111, 246))]
    )
    canvas.solid(band, look.accent, Puff(7), CLOTH)
    for tip, low in (((322, 214), 226), ((318, 258), 246)):
        bow = blob((270, 236), (296, low - 14), tip, (300, low + 14))
        canvas.solid(bow, look.accent, Puff(6), CLOTH)
    canvas.solid(ellipse(274, 236, 9, 11), darker(look.accent, 0.1), Puff(5), CLOTH)


def _ribs(cx: float, top: float, half: float, bottom: float, base_y: float) -> tuple[Fold, ...]:
    ribs = []
    for part in np.linspace(-0.96, 0.96, 21):
        x = cx + half * np.sin(part * 1.5)
        lean = cx + half * 0.55 * np.sin(part * 1.5) if base_y < 210 else x
        ribs.append(Fold(curve((lean, top), (x, base_y), (x, bottom)), 3, 5.5))
    return tuple(ribs)


def _rings(cx: float, cy: float) -> tuple[Fold, ...]:
    return tuple(Fold(ellipse(cx, cy, r, r * 0.29), 3, 3) for r in range(60, 176, 12))
