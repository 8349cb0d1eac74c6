"""T-shirts and their relatives, laid flat."""

from __future__ import annotations

import numpy as np

from .canvas import CLOTH, Canvas, Finish
from .colors import darker, lighter
from .forms import Fold, Puff
from .geometry import Array, curve, ellipse, flip, mirrored, pts, shift, smooth
from .look import Look

RIB = Finish(grain=0.05, cell=1.0, cast=0.25, reach=3)


def crew_tee(canvas: Canvas, look: Look) -> None:
    """Draw a short-sleeved tee with a round neck."""
    neck = ellipse(200, 66, 44, 22 if look.back else 34, 0, 180)
    _sleeves(canvas, look, _short_sleeve())
    _body(canvas, look, neck)
    _collar(canvas, look, neck)


def v_neck_tee(canvas: Canvas, look: Look) -> None:
    """Draw a short-sleeved tee with a pointed neck."""
    neck = ellipse(200, 66, 42, 20, 0, 180) if look.back else curve_v()
    _sleeves(canvas, look, _short_sleeve())
    _body(canvas, look, neck)
    _collar(canvas, look, neck)


def long_sleeve_tee(canvas: Canvas, look: Look) -> None:
    """Draw a long-sleeved top with cuffs."""
    neck = ellipse(200, 66, 42, 20 if look.back else 30, 0, 180)
    sleeve = pts((262, 72), (298, 86), (318, 130), (340, 215), (352, 312), (322, 320))
    sleeve = np.vstack([sleeve, pts((304, 240), (286, 178), (272, 150))])
    _sleeves(canvas, look, sleeve)
    for cuff in (pts((350, 296), (354, 322), (323, 330), (319, 304)),):
        for side in (cuff, flip(cuff)):
            canvas.solid(side, darker(look.accent, 0.1), Puff(depth=6), RIB)
    _body(canvas, look, neck)
    _collar(canvas, look, neck)


def polo_shirt(canvas: Canvas, look: Look) -> None:
    """Draw a short-sleeved shirt with a turned collar and buttons."""
    neck = ellipse(200, 66, 40, 16, 0, 180) if look.back else curve_v(40, 98)
    _sleeves(canvas, look, _short_sleeve())
    _body(canvas, look, neck)
    if not look.back:
        placket = pts((188, 84), (212, 84), (212, 168), (188, 168))
        canvas.solid(placket, look.pattern, Puff(depth=3), CLOTH)
        canvas.stitch(pts((190, 90), (190, 166), (210, 166), (210, 90)), darker(look.base, 0.35))
        for y in (112, 134, 156):
            canvas.solid(ellipse(200, y, 3.8, 3.8), lighter(look.accent, 0.5), Puff(2, gloss=0.6))
    wing = smooth(pts((160, 56), (198, 92), (182, 124), (150, 84)), steps=8)
    for side in (wing, flip(wing)):
        canvas.solid(side, look.accent, Puff(depth=5), RIB)
    canvas.tube([curve((158, 60), (178, 52), (200, 50), (222, 52), (242, 60))], 11, look.accent)


def curve_v(width: float = 42, depth: float = 116) -> Array:
    """Return the edge of a pointed neck, from right to left."""
    right = curve((200 + width, 64), (200 + width * 0.62, 82), (200, depth))
    return np.vstack([right, flip(right)[::-1]])


def _short_sleeve() -> Array:
    return pts((262, 70), (300, 84), (330, 118), (362, 166), (316, 196), (284, 164), (272, 140))


def _sleeves(canvas: Canvas, look: Look, right: Array) -> None:
    sleeve = smooth(right, steps=8)
    low = right[np.argsort(right[:, 1])[-2:]]
    folds = (
        Fold(curve((290, 150), (308, 128), (318, 118)), 7, -7),
        Fold(curve((282, 120), (300, 150), (318, 176)), 9, 6),
        Fold(curve((288, 100), (330, 190), (336, 260)), 12, 7),
    )
    for outline, mirror in ((flip(sleeve), True), (sleeve, False)):
        lines = tuple(Fold(flip(f.line) if mirror else f.line, f.width, f.height) for f in folds)
        canvas.solid(outline, look.pattern, Puff(depth=13, height=0.9, folds=lines), CLOTH)
        hem = (flip(low) if mirror else low) - (0, 7)
        canvas.stitch(hem, darker(look.base, 0.4))


def _body(canvas: Canvas, look: Look, neck: Array) -> None:
    half = np.vstack(
        [
            curve((244, 62), (262, 69), (284, 78)),
            curve((283, 90), (275, 130), (275, 175), (279, 260), (281, 338)),
            curve((281, 346), (240, 352), (200, 353)),
        ]
    )
    outline = np.vstack([mirrored(half), neck[::-1]])
    inner = np.vstack([ellipse(200, 66, 46, 15, 180, 360), neck])
    canvas.solid(inner, darker(look.base, 0.42), Puff(depth=8), CLOTH)
    canvas.solid(outline, look.pattern, Puff(depth=17, height=0.95, folds=_body_folds()), CLOTH)
    for y in (340, 336):
        line = curve((121, y), (160, y + 6), (200, y + 7), (240, y + 6), (279, y))
        canvas.stitch(line, darker(look.base, 0.4))
    for side in (1, -1):
        seam = curve((283, 80), (274, 112), (272, 148))
        canvas.mark([seam if side > 0 else flip(seam)], darker(look.base, 0.6), 1.1, 0.5)


def _body_folds() -> tuple[Fold, ...]:
    return (
        Fold(curve((270, 150), (246, 166), (222, 172)), 10, 4.95),
        Fold(curve((272, 176), (250, 200), (232, 232)), 12, -4.4),
        Fold(curve((130, 150), (156, 170), (176, 178)), 10, 4.95),
        Fold(curve((128, 180), (150, 216), (158, 250)), 12, -4.4),
        Fold(curve((160, 210), (152, 270), (158, 350)), 16, 5.5),
        Fold(curve((226, 228), (240, 280), (234, 350)), 16, 5.5),
        Fold(curve((196, 240), (204, 290), (196, 350)), 14, -4.95),
        Fold(curve((262, 250), (268, 290), (262, 350)), 12, -3.85),
        Fold(curve((170, 118), (200, 138), (232, 116)), 14, 2.2),
    )


def _collar(canvas: Canvas, look: Look, neck: Array) -> None:
    back = ellipse(200, 65, 44, 11, 180, 360)
    canvas.tube([back], 7, look.accent, finish=RIB)
    canvas.tube([neck], 8.5, look.accent, finish=RIB)
    canvas.mark([shift(neck, 0, 5.5)], darker(look.base, 0.5), 0.9, 0.45)


def chest_print(canvas: Canvas, look: Look) -> None:
    """Draw a crew tee with a round landscape print on the chest."""
    crew_tee(canvas, look)
    if look.back:
        return
    ink = Finish(grain=0.06, cast=0.0, opacity=0.92)
    canvas.solid(ellipse(200, 190, 48, 48), look.trim, None, ink)
    canvas.solid(ellipse(214, 172, 15, 15), lighter(look.accent, 0.75), None, ink)
    ridge = pts((156, 208), (180, 168), (196, 192), (212, 174), (242, 213))
    rest = ellipse(200, 190, 47, 47, 28, 158)
    canvas.solid(np.vstack([ridge, rest]), darker(look.trim, 0.55), None, ink)
    for y in (222, 229):
        canvas.mark([pts((172, y), (228, y))], lighter(look.trim, 0.5), 1.6, 0.8)
    canvas.stitch(pts((160, 252), (240, 252)), look.trim, 4, 7)
