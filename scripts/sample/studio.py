"""Puts a product in front of a bright studio background."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from .canvas import SIZE, Canvas
from .geometry import Array

FILLED = 0.85


def studio_picture(canvas: Canvas, standing: bool, zoom: float = 1.0) -> Image.Image:
    """Return the product on a light background, standing on it or lying flat."""
    color, cover = framed(canvas, zoom)
    alpha = Image.fromarray((cover * 255).astype(np.uint8))
    shadow = _standing_shadow(alpha) if standing else _lying_shadow(alpha)
    down = np.linspace(0, 1, SIZE, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, SIZE, dtype=np.float32)[None, :]
    light = 0.985 - 0.035 * down**2 - 0.018 * across**2
    light = light * (1 - shadow)
    backdrop = light[..., None] * np.array([1.0, 0.998, 0.993], dtype=np.float32)
    return to_image(color + backdrop * (1 - cover[..., None]))


def framed(canvas: Canvas, zoom: float = 1.0) -> tuple[Array, Array]:
    """Return premultiplied colour and coverage, with the product filling the picture.

    A zoom above 1 shows a part of the product from nearby.
    """
    left, top, right, bottom = bounds(canvas.alpha)
    side = max(right - left, bottom - top) / FILLED / zoom
    cx, cy = (left + right) / 2, (top + bottom) / 2
    window = (cx - side / 2, cy - side / 2, cx + side / 2, cy + side / 2)
    planes = [canvas.rgb[..., k] for k in range(3)] + [canvas.alpha]
    small = [_resized(plane, window) for plane in planes]
    return np.stack(small[:3], axis=2), small[3]


def bounds(alpha: Array) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) around whatever is drawn."""
    rows = np.flatnonzero(alpha.max(axis=1) > 0.02)
    columns = np.flatnonzero(alpha.max(axis=0) > 0.02)
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _resized(plane: Array, window: tuple[float, float, float, float]) -> Array:
    # The window may reach over the canvas edge, which `resize` would refuse.
    pad = plane.shape[0] // 4
    image = Image.fromarray(np.pad(plane, pad))
    moved = (window[0] + pad, window[1] + pad, window[2] + pad, window[3] + pad)
    resized = image.resize((SIZE, SIZE), Image.Resampling.HAMMING, moved)
    return np.asarray(resized, dtype=np.float32)


def to_image(color: Array) -> Image.Image:
    """Return an image of colours given as fractions."""
    return Image.fromarray((np.clip(color, 0, 1) * 255 + 0.5).astype(np.uint8))


def _standing_shadow(alpha: Image.Image) -> Array:
    """Return the darkness of a contact shadow where the product meets the floor."""
    left, top, right, bottom = alpha.getbbox() or (0, 0, 1, 1)
    # Only the lower part is near the floor; a handle high up casts nothing there.
    box = (left, int(top + (bottom - top) * 0.72), right, bottom)
    total = np.zeros((SIZE, SIZE), dtype=np.float32)
    for flat, blur, strength in ((0.16, 13, 0.30), (0.07, 4, 0.42)):
        height = max(4, int((bottom - top) * flat))
        squashed = alpha.crop(box).resize((box[2] - box[0], height))
        layer = Image.new("L", (SIZE, SIZE))
        layer.paste(squashed, (box[0] + 6, box[3] - int(height * 0.72)))
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float32)
        total = np.maximum(total, soft / 255 * np.float32(strength))
    return total


def _lying_shadow(alpha: Image.Image) -> Array:
    """Return the darkness of the shadow under a product that lies flat."""
    total = np.zeros((SIZE, SIZE), dtype=np.float32)
    for dx, dy, blur, strength in ((5, 9, 9, 0.24), (1, 2, 2.5, 0.26)):
        layer = Image.new("L", (SIZE, SIZE))
        layer.paste(alpha, (dx, dy))
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float32)
        total = np.maximum(total, soft / 255 * np.float32(strength))
    return total
