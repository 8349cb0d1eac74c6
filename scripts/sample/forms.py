"""How a surface curves, and the light that the curve catches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .geometry import Array, ellipse

LIGHT = (-0.45, -0.56, 0.695)
HALFWAY = (-0.245, -0.304, 0.921)


@dataclass(frozen=True)
class Shade:
    """A factor for the surface's own colour and the white light added on top."""

    factor: Array
    shine: Array


@dataclass(frozen=True)
class Fold:
    """A crease or ridge: a line in product space, its softness and its height."""

    line: Array
    width: float
    height: float


@dataclass(frozen=True)
class Puff:
    """A soft body whose edges round off over `depth` units."""

    depth: float = 14
    height: float = 1.0
    gloss: float = 0.0
    sharpness: float = 24
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True)
class Lathe:
    """A body of revolution: half widths at heights about a vertical axis."""

    ys: Array
    widths: Array
    axis: float = 200
    tilt: float = 0.12
    gloss: float = 0.5

    def outline(self) -> Array:
        """Return the silhouette, with the base rounded as seen from slightly above."""
        right = np.stack([self.axis + self.widths, self.ys], axis=1)
        left = np.stack([self.axis - self.widths, self.ys], axis=1)[::-1]
        foot = ellipse(self.axis, self.ys[-1], self.widths[-1], self.widths[-1] * self.tilt, 0, 180)
        return np.vstack([right, foot, left])

    def ring(self, y: float, grow: float = 0) -> Array:
        """Return the ellipse of the body's horizontal section at a height."""
        width = self.width_at(y) + grow
        return ellipse(self.axis, y, width, width * self.tilt)

    def width_at(self, y: float) -> float:
        """Return the half width at a height."""
        return float(np.interp(y, self.ys, self.widths))

    def around(self, x: Array, y: Array) -> Array:
        """Return where points lie across the body, from -1 at the left edge to 1."""
        width = np.interp(y, self.ys, self.widths).astype(np.float32)
        return np.clip((x - np.float32(self.axis)) / np.maximum(width, 1), -0.999, 0.999)

    def wrap(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return surface coordinates, so that patterns bend around the body."""
        u = self.around(x, y)
        width = np.float32(self.widths.max())
        return np.arcsin(u) * width, y - np.sqrt(1 - u * u) * width * np.float32(self.tilt)

    def shade(self, x: Array, y: Array) -> Shade:
        """Return the light on the body, with softbox reflections when it is glossy."""
        u = self.around(x, y)
        # Without smoothing, every corner of the profile would show as a hard band.
        slope = np.convolve(np.gradient(self.widths, self.ys), np.full(9, 1 / 9), mode="same")
        rise = -np.interp(y, self.ys, slope).astype(np.float32)
        rise = np.clip(rise, -1.6, 1.6) * 0.8
        depth = np.sqrt(1 - u * u)
        length = np.sqrt(1 + rise * rise)
        lit = lambert(u / length, rise / length, depth / length)
        lit *= 1 - 0.20 * np.abs(u) ** 5
        band = np.exp(-(((u + 0.52) / 0.10) ** 2)) + 0.35 * np.exp(-(((u + 0.3) / 0.05) ** 2))
        band += 0.40 * np.exp(-(((u - 0.80) / 0.06) ** 2))
        return Shade(lit, band * np.float32(self.gloss * 0.55))


def lambert(nx: Array, ny: Array, nz: Array) -> Array:
    """Return the brightness of a surface; one that faces the viewer has brightness 1."""
    facing = nx * LIGHT[0] + ny * LIGHT[1] + nz * LIGHT[2]
    return 0.56 + 0.44 * np.clip(facing / LIGHT[2], -0.25, 1.5)


def shade_puff(form: Puff, cover: Array, scale: float, left: float, top: float) -> Shade:
    """Return the light on a soft body whose coverage is given, at the cover's size.

    The heights are worked out at one pixel per unit, which is ample for soft light.
    """
    height, width = cover.shape
    pad = int(form.depth * 2) + 4
    small = (max(1, round(width / scale)), max(1, round(height / scale)))
    mask = Image.fromarray((cover * 255).astype(np.uint8)).resize(small, Image.Resampling.BOX)
    wide = Image.new("L", (small[0] + 2 * pad, small[1] + 2 * pad))
    wide.paste(mask, (pad, pad))
    soft = np.zeros((wide.height, wide.width), dtype=np.float32)
    for radius, part in ((form.depth * 0.35, 0.45), (form.depth, 0.55)):
        blurred = np.asarray(wide.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)
        soft += np.clip(blurred / 127.5 - 1, 0, 1) * np.float32(part)
    relief = np.sqrt(soft + 0.02) * np.float32(form.depth * form.height)
    relief += fold_relief(form.folds, wide.size, left - pad, top - pad)
    dy, dx = np.gradient(soften(relief, 1))
    length = np.sqrt(dx * dx + dy * dy + 1)
    nx, ny, nz = -dx / length, -dy / length, 1 / length
    inner = (slice(pad, pad + small[1]), slice(pad, pad + small[0]))
    lit = enlarge(lambert(nx, ny, nz)[inner], width, height)
    if form.gloss == 0:
        return Shade(lit, np.zeros((1, 1), dtype=np.float32))
    facing = np.clip(nx * HALFWAY[0] + ny * HALFWAY[1] + nz * HALFWAY[2], 0, 1)
    shine = enlarge((facing**form.sharpness)[inner], width, height)
    # A surface facing the viewer must not glow all over, so its own share is taken off.
    floor = np.float32(HALFWAY[2] ** form.sharpness)
    return Shade(lit, np.clip(shine - floor, 0, 1) * np.float32(form.gloss))


def fold_relief(folds: tuple[Fold, ...], size: tuple[int, int], left: float, top: float) -> Array:
    """Return the heights that creases add, one pixel per unit."""
    relief = np.zeros((size[1], size[0]), dtype=np.float32)
    for width in sorted({fold.width for fold in folds}):
        layer = Image.new("F", size, 0)
        draw = ImageDraw.Draw(layer)
        for fold in folds:
            if fold.width == width:
                points = [(float(x - left), float(y - top)) for x, y in fold.line]
                draw.line(points, fill=fold.height, width=max(1, round(width)))
        relief += soften(np.asarray(layer, dtype=np.float32), max(1, round(width * 0.7)))
    return relief


def soften(values: Array, radius: int) -> Array:
    """Return the values after two rounds of a box blur."""
    size = 2 * radius + 1
    for axis in (0, 1, 0, 1):
        spread = [(0, 0), (0, 0)]
        spread[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(values, spread, mode="edge"), axis=axis, dtype=np.float64)
        count = values.shape[axis]
        ahead = np.take(sums, range(size, size + count), axis=axis)
        values = ((ahead - np.take(sums, range(count), axis=axis)) / size).astype(np.float32)
    return values


def enlarge(values: Array, width: int, height: int) -> Array:
    """Return a float array resized smoothly."""
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
