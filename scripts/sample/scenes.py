"""Shopper photos: products in surroundings, taken with a middling camera."""

from __future__ import annotations

import io
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from .backgrounds import BACKGROUNDS, Rng
from .canvas import Canvas
from .geometry import Array, shift, turn
from .photos import Item, Photo
from .products import Product
from .studio import bounds, to_image
from .warp import Layer, place

Box: TypeAlias = tuple[float, float, float, float]


def take_photo(photo: Photo, products: dict[str, Product]) -> tuple[Image.Image, tuple[Box, ...]]:
    """Return the photo and the box of each item, as fractions of the photo."""
    rng = np.random.default_rng(sum(photo.name.encode()))
    width, height = photo.size
    color = BACKGROUNDS[photo.background](width, height, rng).astype(np.float32)
    boxes = []
    for item in photo.items:
        layer = _layer(item, products[item.product_id], photo.size)
        left, top, right, bottom = bounds(layer.alpha)
        boxes.append((left / width, top / height, right / width, bottom / height))
        shadow = _shadow(layer.alpha, item, 1 if photo.side_light > 0 else -1)
        color = color * (1 - shadow)[..., None]
        color = color * (1 - layer.alpha)[..., None] + layer.rgb
    return _camera(color, photo, rng), tuple(boxes)


def _layer(item: Item, product: Product, size: tuple[int, int]) -> Layer:
    canvas = Canvas(3.0, product.seed)
    product.style.draw(canvas, product.look)
    left, top, right, bottom = bounds(canvas.alpha)
    across = item.size * size[0]
    down = across * (bottom - top) / (right - left)
    lean = item.tilt * across
    quad = np.array([(lean, 0), (across - lean * 0.4, lean * 0.3), (across, down), (0, down)])
    quad = quad - (across / 2, down if item.standing else down / 2)
    quad = shift(quad, item.x * size[0], item.y * size[1])
    cx, cy = quad.mean(axis=0)
    return place(canvas, turn(quad, item.degrees, float(cx), float(cy)), size)


def _shadow(alpha: Array, item: Item, toward: int) -> Array:
    """Return the darkness that an item throws on what is behind and below it."""
    left, top, right, bottom = bounds(alpha)
    reach = max(right - left, bottom - top)
    if not item.standing:
        return np.maximum(
            _moved(alpha, toward * reach * 0.035, reach * 0.045, reach * 0.028) * 0.50,
            _moved(alpha, toward * reach * 0.008, reach * 0.012, reach * 0.008) * 0.55,
        )
    height, width = alpha.shape
    image = Image.fromarray(alpha)
    squash, slant = 0.22, toward * 0.55
    # Maps each shadow point on the floor back to the point of the item that casts it.
    base = bottom - reach * 0.02
    numbers = (1, slant / squash, -slant / squash * base, 0, 1 / squash, base - base / squash)
    floor = image.transform((width, height), Image.Transform.AFFINE, numbers)
    thrown = _moved(np.asarray(floor), 0, 0, reach * 0.02) * 0.42
    low = alpha.copy()
    low[: int(bottom - reach * 0.10)] = 0
    contact = _moved(low, 0, reach * 0.015, reach * 0.016) * 0.60
    return np.maximum(thrown, contact)


def _moved(alpha: Array, dx: float, dy: float, blur: float) -> Array:
    image = Image.fromarray((alpha * 255).astype(np.uint8))
    layer = Image.new("L", image.size)
    layer.paste(image, (round(dx), round(dy)))
    soft = layer.filter(ImageFilter.GaussianBlur(max(blur, 1)))
    return np.asarray(soft, dtype=np.float32) / 255


def _camera(color: Array, photo: Photo, rng: Rng) -> Image.Image:
    """Return the scene as the camera sees it: light, lens, sensor and compression."""
    height, width = color.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    light = 1.15 - photo.side_light * (x * 0.8 + y * 0.3) - 0.16 * (x * x + y * y)
    lit = color * light[..., None] * np.asarray(photo.tint, dtype=np.float32)
    lens = to_image(lit).filter(ImageFilter.GaussianBlur(photo.blur))
    seen = np.asarray(lens, dtype=np.float32) / 255
    grain = rng.normal(0, photo.noise, (height, width, 1)) + rng.normal(
        0, photo.noise * 0.4, (height, width, 3)
    )
    stored = io.BytesIO()
    to_image(seen + grain).save(stored, "JPEG", quality=photo.jpeg)
    return Image.open(stored).convert("RGB")
