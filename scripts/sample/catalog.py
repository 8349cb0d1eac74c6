"""Writes the sample catalogue: pictures, `catalog.csv`, photos and `photos.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from .canvas import Canvas
from .geometry import pts
from .photos import PHOTOS, Photo
from .products import Product, all_products, with_back
from .scenes import Box, take_photo
from .studio import bounds, studio_picture
from .warp import place

PRODUCT_COLUMNS = (
    "id", "title", "description", "category", "image", "price", "currency", "brand", "url",
    "availability", "color", "pattern",
)  # fmt: skip
PHOTO_COLUMNS = ("image", "product_id", "category", "title", "x1", "y1", "x2", "y2")
CURRENCY = "EUR"
SHOP = "https://shop.example/p"
PRODUCT_QUALITY = 82
PHOTO_QUALITY = 74
DETAIL_ZOOM = 1.6


def write_catalog(folder: Path, workers: int = 2) -> int:
    """Draw everything into a folder and return how many pictures there are."""
    products = all_products()
    for part in ("products", "photos"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        folders = [folder] * len(products)
        drawn = sum(pool.map(_write_product, products, folders, chunksize=6))
        boxes = list(pool.map(_write_photo, PHOTOS, [folder] * len(PHOTOS)))
    write_table(folder / "catalog.csv", PRODUCT_COLUMNS, product_rows(products))
    write_table(folder / "photos.csv", PHOTO_COLUMNS, photo_rows(boxes))
    return drawn + len(PHOTOS)


def product_rows(products: Iterable[Product]) -> list[dict[str, str]]:
    """Return the rows of the catalogue; a product with two pictures has two rows."""
    return [_product_row(p, view) for p in products for view in views_of(p)]


def photo_rows(boxes: Iterable[tuple[Box, ...]]) -> list[dict[str, str]]:
    """Return one row for each item in each photo."""
    categories = {product.id: product.category for product in all_products()}
    rows = []
    for photo, places in zip(PHOTOS, boxes, strict=True):
        for item, box in zip(photo.items, places, strict=True):
            corners = {
                name: f"{value:.4f}" for name, value in zip(PHOTO_COLUMNS[4:], box, strict=True)
            }
            row = {
                "image": f"photos/{photo.name}.webp",
                "product_id": item.product_id,
                "category": categories[item.product_id],
                "title": photo.title,
            }
            rows.append(row | corners)
    return rows


def views_of(product: Product) -> tuple[str, ...]:
    """Return the views that show a product; the plain front view is the empty name."""
    return ("", product.second_view) if product.second_view else ("",)


def draw_view(product: Product, view: str) -> Image.Image:
    """Return the studio picture of one view of a product."""
    shown = with_back(product) if view == "back" else product
    canvas = Canvas(5.0 if view == "detail" else 3.0, product.seed)
    shown.style.draw(canvas, shown.look)
    if view == "angle":
        canvas = _from_the_side(canvas, mirror=product.standing)
    return studio_picture(canvas, product.standing, DETAIL_ZOOM if view == "detail" else 1.0)


def write_table(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows as CSV with plain line ends, so that the bytes are the same everywhere."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _product_row(product: Product, view: str) -> dict[str, str]:
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "category": product.category,
        "image": _image_path(product, view),
        "price": product.price,
        "currency": CURRENCY,
        "brand": product.brand,
        "url": f"{SHOP}/{product.id}",
        "availability": product.availability,
        "color": product.color,
        "pattern": product.pattern,
    }


def _image_path(product: Product, view: str) -> str:
    return f"products/{product.id}{'-' + view if view else ''}.webp"


def _write_product(product: Product, folder: Path) -> int:
    views = views_of(product)
    for view in views:
        picture = draw_view(product, view)
        path = folder / _image_path(product, view)
        picture.save(path, "WEBP", quality=PRODUCT_QUALITY, method=6)
    return len(views)


def _write_photo(photo: Photo, folder: Path) -> tuple[Box, ...]:
    picture, boxes = take_photo(photo, {product.id: product for product in all_products()})
    path = folder / "photos" / f"{photo.name}.webp"
    picture.save(path, "WEBP", quality=PHOTO_QUALITY, method=6)
    return boxes


def _from_the_side(canvas: Canvas, mirror: bool) -> Canvas:
    """Return the product turned away, its far side smaller; mirroring shows its other side."""
    side = canvas.alpha.shape[0]
    left, top, right, bottom = bounds(canvas.alpha)
    width, height = right - left, bottom - top
    quad = pts(
        (right - width * 0.08, top + height * 0.05),
        (left + width * 0.10, top - height * 0.01),
        (left + width * 0.10, bottom + height * 0.01),
        (right - width * 0.08, bottom - height * 0.05),
    )
    if not mirror:
        # A mirrored watch face would be misread.
        quad = quad[[1, 0, 3, 2]]
    layer = place(canvas, quad, (side, side))
    turned = Canvas(canvas.scale)
    turned.rgb = np.array(layer.rgb)
    turned.alpha = np.array(layer.alpha)
    return turned
