"""Composites as files: the pictures, and the table that says what is where."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from features.evaluation import LabelledQuery
from features.images import decode, read_picture
from features.types import Image
from scripts.composites.groups import groups_of_different_products
from scripts.composites.layout import Layout, Place, lay_out
from scripts.sample.backgrounds import dark_table, wooden_table

COLUMNS = ("image", "product_id", "category", "x1", "y1", "x2", "y2")
_QUALITY = 92


def write_composites(
    queries: Sequence[LabelledQuery],
    folder: Path,
    *,
    photos: int = 4,
    count: int | None = None,
    seed: int = 0,
) -> int:
    """Write `composites.csv` with a row a photo, and the pictures; return how many pictures.

    Raises:
        InvalidPictureError: a photo cannot be used.
    """
    random = np.random.default_rng(seed)
    groups = groups_of_different_products(queries, photos, random)[:count]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "composites.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, group in enumerate(groups):
            name = f"{number:04}.jpg"
            pasted = [decode(read_picture(query.path)) for query in group]
            layout = lay_out([photo.size for photo in pasted], random)
            _composite(pasted, layout, random).save(folder / name, quality=_QUALITY)
            for query, place in zip(group, layout.places, strict=True):
                writer.writerow([name, query.product_id, query.category, *_shares(place, layout)])
    return len(groups)


def _composite(photos: Sequence[Image], layout: Layout, random: np.random.Generator) -> Image:
    table = (wooden_table, dark_table)[int(random.integers(2))]
    drawn = table(layout.width, layout.height, random)
    picture = Pillow.fromarray((np.clip(drawn, 0, 1) * 255).astype(np.uint8))
    for photo, place in zip(photos, layout.places, strict=True):
        size = (place.width, place.height)
        picture.paste(photo.resize(size, Pillow.Resampling.LANCZOS), (place.x, place.y))
    return picture


def _shares(place: Place, layout: Layout) -> tuple[float, float, float, float]:
    return (
        place.x / layout.width,
        place.y / layout.height,
        (place.x + place.width) / layout.width,
        (place.y + place.height) / layout.height,
    )
