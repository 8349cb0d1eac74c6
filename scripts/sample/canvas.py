"""A supersampled, transparent canvas on which products are built up in lit layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .colors import Color
from .forms import Lathe, Puff, Shade, enlarge, shade_puff
from .geometry import Array, dashes

SIZE = 400
Fill: TypeAlias = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Region:
    """The part of a canvas that an outline covers, with its coverage from 0 to 1."""

    x0: int
    y0: int
    cover: Array

    @property
    def window(self) -> tuple[slice, slice]:
        """Return the index of the region in the canvas arrays."""
        height, width = self.cover.shape
        return slice(self.y0, self.y0 + height), slice(self.x0, self.x0 + width)


@dataclass(frozen=True)
class Finish:
    """Fine touches of a surface: grain, its coarseness, and the shadow it casts below."""

    grain: float = 0.0
    cell: float = 1.2
    cast: float = 0.35
    reach: float = 5.0
    opacity: float = 1.0


CLOTH = Finish(grain=0.022, cell=1.0)
HARD = Finish(grain=0.008)
LEATHER = Finish(grain=0.035, cell=1.7)
BARE = Finish(cast=0.0)


class Canvas:
    """Layers of lit surfaces over transparency, drawn several pixels to the unit."""

    def __init__(self, scale: float = 3.0, seed: int = 0) -> None:
        side = round(SIZE * scale)
        self.scale = scale
        self.rgb = np.zeros((side, side, 3), dtype=np.float32)
        self.alpha = np.zeros((side, side), dtype=np.float32)
        self._random = np.random.default_rng(seed)

    def region(self, outlines: Sequence[Array], holes: Sequence[Array] = ()) -> Region:
        """Return what the outlines cover, less the holes."""
        x0, y0, width, height = self._bounds(outlines, 2)
        mask = Image.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        for shapes, value in ((outlines, 255), (holes, 0)):
            for shape in shapes:
                draw.polygon(self._pixels(shape, x0, y0), fill=value)
        return Region(x0, y0, np.asarray(mask, dtype=np.float32) / 255)

    def line_region(self, lines: Sequence[Array], width: float) -> Region:
        """Return what round-ended lines of a width cover."""
        x0, y0, across, down = self._bounds(lines, width * self.scale / 2 + 3)
        mask = Image.new("L", (across, down))
        draw = ImageDraw.Draw(mask)
        thick = max(1, round(width * self.scale))
        for line in lines:
            pixels = self._pixels(line, x0, y0)
            draw.line(pixels, fill=255, width=thick, joint="curve")
            if thick > 3:
                # Discs at all points: the line alone leaves notches on bends.
                r = thick / 2
                for x, y in pixels:
                    draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        return Region(x0, y0, np.asarray(mask, dtype=np.float32) / 255)

    def solid(
        self,
        outline: Array | Region,
        fill: Fill | Color,
        form: Puff | Lathe | None = None,
        finish: Finish = HARD,
        holes: Sequence[Array] = (),
    ) -> Region:
        """Add a lit surface; without a form it is flat."""
        area = outline if isinstance(outline, Region) else self.region([outline], holes)
        if area.cover.size == 0:
            return area
        if finish.cast > 0:
            self.cast(area, finish.reach, finish.cast)
        x, y = self._grid(area)
        shade = self._shade(area, form, x, y)
        color = self._color(fill, form, x, y)
        if finish.grain > 0:
            color = color * (1 + self._grain(area, finish))[..., None]
        self.blend(area, apply_light(color, shade), finish.opacity)
        return area

    def tube(
        self,
        lines: Sequence[Array],
        width: float,
        color: Color,
        gloss: float = 0.0,
        finish: Finish = HARD,
    ) -> Region:
        """Add round rods, cords or straps along lines."""
        area = self.line_region(lines, width)
        form = Puff(depth=max(width * 0.42, 1.2), gloss=gloss, sharpness=14)
        return self.solid(area, color, form, finish)

    def stitch(self, line: Array, color: Color, width: float = 0.9, dash: float = 3.4) -> None:
        """Add a row of stitches."""
        area = self.line_region(dashes(line, dash, dash * 0.7), width)
        self.blend(area, np.asarray(color, dtype=np.float32), 0.75)

    def mark(self, lines: Sequence[Array], color: Color, width: float, opacity: float) -> None:
        """Add plain lines, such as seams."""
        self.blend(self.line_region(lines, width), np.asarray(color, dtype=np.float32), opacity)

    def glow(self, outline: Array, color: Color, blur: float, opacity: float) -> None:
        """Add a soft patch of colour, only where something is drawn already."""
        area = self._softened(self.region([outline]), blur, 0, 0)
        kept = Region(area.x0, area.y0, area.cover * self.alpha[area.window])
        self.blend(kept, np.asarray(color, dtype=np.float32), opacity)

    def cast(self, area: Region, reach: float, strength: float) -> None:
        """Darken what lies beneath an area, as a layer on top of it would."""
        soft = self._softened(area, reach * 0.6, reach * 0.35, reach * 0.6)
        self.rgb[soft.window] *= (1 - soft.cover * np.float32(strength))[..., None]

    def blend(self, area: Region, color: Array, opacity: float = 1.0) -> None:
        """Lay a colour over the canvas; the canvas holds premultiplied colour."""
        part = area.cover * np.float32(opacity)
        window = area.window
        self.rgb[window] *= (1 - part)[..., None]
        self.rgb[window] += np.clip(color, 0, 1) * part[..., None]
        self.alpha[window] += (1 - self.alpha[window]) * part

    def _softened(self, area: Region, blur: float, dx: float, dy: float) -> Region:
        pad = int(blur * self.scale * 2.2) + 2
        step = max(1, round(self.scale))
        grown = np.pad(area.cover, pad)
        mask = Image.fromarray((grown * 255).astype(np.uint8))
        size = mask.size
        # A blurred mask holds no detail, so the blur runs on a smaller copy.
        little = mask.resize((max(1, size[0] // step), max(1, size[1] // step)))
        little = little.filter(ImageFilter.GaussianBlur(blur * self.scale / step))
        soft = np.asarray(little.resize(size, Image.Resampling.BILINEAR), dtype=np.float32) / 255
        x = area.x0 - pad + round(dx * self.scale)
        y = area.y0 - pad + round(dy * self.scale)
        return self._clipped(x, y, soft)

    def _clipped(self, x: int, y: int, cover: Array) -> Region:
        side = self.alpha.shape[0]
        left, top = max(0, -x), max(0, -y)
        return Region(
            x + left, y + top, cover[top : max(top, side - y), left : max(left, side - x)]
        )

    def _bounds(self, shapes: Sequence[Array], margin: float) -> tuple[int, int, int, int]:
        side = self.alpha.shape[0]
        points = np.vstack(list(shapes)) * self.scale
        low = np.clip(np.floor(points.min(axis=0) - margin), 0, side - 1).astype(int)
        high = np.clip(np.ceil(points.max(axis=0) + margin), low + 1, side).astype(int)
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def _pixels(self, shape: Array, x0: int, y0: int) -> list[tuple[float, float]]:
        moved = shape * self.scale - (x0, y0)
        return [(float(x), float(y)) for x, y in moved]

    def _grid(self, area: Region) -> tuple[Array, Array]:
        height, width = area.cover.shape
        x = (area.x0 + np.arange(width, dtype=np.float32)) / np.float32(self.scale)
        y = (area.y0 + np.arange(height, dtype=np.float32)) / np.float32(self.scale)
        across, down = np.meshgrid(x, y)
        return across, down

    def _shade(self, area: Region, form: Puff | Lathe | None, x: Array, y: Array) -> Shade:
        if isinstance(form, Lathe):
            return form.shade(x, y)
        if isinstance(form, Puff):
            return shade_puff(form, area.cover, self.scale, float(x[0, 0]), float(y[0, 0]))
        return Shade(np.ones((1, 1), dtype=np.float32), np.zeros((1, 1), dtype=np.float32))

    def _color(self, fill: Fill | Color, form: Puff | Lathe | None, x: Array, y: Array) -> Array:
        if not callable(fill):
            return np.asarray(fill, dtype=np.float32).reshape(1, 1, 3)
        if isinstance(form, Lathe):
            x, y = form.wrap(x, y)
        return fill(x, y)

    def _grain(self, area: Region, finish: Finish) -> Array:
        height, width = area.cover.shape
        cell = finish.cell * self.scale
        rows, columns = int(height / cell) + 2, int(width / cell) + 2
        noise = self._random.normal(0, finish.grain, (rows, columns))
        return enlarge(noise, width, height)


def apply_light(color: Array, shade: Shade) -> Array:
    """Return the colour under a light: dimmed below 1, moved to white above it."""
    factor = shade.factor[..., None]
    lit: Array = color * np.minimum(factor, 1)
    lit = lit + (1 - lit) * np.clip(factor - 1, 0, 1) * 0.55
    shone: Array = lit + (1 - lit) * np.clip(shade.shine, 0, 1)[..., None]
    return shone
