"""The store's CSV tables: which picture each row shows, and what is known of each product."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from features.store.manifest import SegmentFile
from features.store.records import Table
from features.types import GalleryPicture, Product

ROW_COLUMNS = ["product_id", "image", "content_hash"]
TIME_COLUMN = "time_s"  # only in tables with videos: others are as earlier versions wrote them
PRODUCT_COLUMNS = [
    "id",
    "title",
    "description",
    "category",
    "price",
    "currency",
    "brand",
    "url",
    "availability",
    "attributes",
]


def rows_csv(pictures: Iterable[GalleryPicture]) -> bytes:
    """One line a picture, in the order of the vectors."""
    shown = list(pictures)
    table = [(p.product_id, p.location, p.content_hash) for p in shown]
    if all(p.time_s is None for p in shown):
        return _csv(table, ROW_COLUMNS)
    times = ["" if p.time_s is None else f"{p.time_s:.3f}" for p in shown]
    timed = [(*row, time) for row, time in zip(table, times, strict=True)]
    return _csv(timed, [*ROW_COLUMNS, TIME_COLUMN])


def rows_table(folder: Path, file: SegmentFile) -> Table:
    """The table that `rows_csv` wrote; raises what `Table` does."""
    return Table(folder, file, ROW_COLUMNS, [TIME_COLUMN])


def picture(row: Sequence[str]) -> GalleryPicture:
    """What a record of `rows_csv` stands for."""
    product_id, location, digest, *times = row
    time_s = float(times[0]) if times and times[0] else None
    return GalleryPicture(product_id, location, digest, time_s)


def products_csv(products: Iterable[Product]) -> bytes:
    """One line a product; further columns of the feed travel as JSON in `attributes`."""
    return _csv([_product_row(product) for product in products], PRODUCT_COLUMNS)


def products_table(folder: Path, file: SegmentFile) -> Table:
    """The table that `products_csv` wrote; raises what `Table` does."""
    return Table(folder, file, PRODUCT_COLUMNS)


def product(row: Sequence[str]) -> Product:
    """What a record of `products_csv` stands for."""
    identity, title, description, category, price, *rest, attributes = row
    currency, brand, url, availability = rest
    return Product(
        id=identity,
        title=title,
        description=description,
        category=category,
        price=_price(price),
        currency=currency,
        brand=brand,
        url=url,
        availability=availability,
        attributes=_attributes(attributes),
    )


def product_with(column: str, text: str) -> Product:
    """A product of which only one column is told."""
    told: Any = _PARSERS[column](text) if column in _PARSERS else text
    return Product(**{"id": "", column: told})


def _price(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _attributes(text: str) -> dict[str, str]:
    attributes: dict[str, str] = json.loads(text) if text else {}
    return attributes


_PARSERS: Mapping[str, Callable[[str], object]] = {"price": _price, "attributes": _attributes}


def _product_row(product: Product) -> tuple[str, ...]:
    return (
        product.id,
        product.title,
        product.description,
        product.category,
        "" if product.price is None else str(product.price),
        product.currency,
        product.brand,
        product.url,
        product.availability,
        json.dumps(dict(product.attributes), ensure_ascii=False) if product.attributes else "",
    )


def _csv(table: Sequence[Sequence[str]], columns: list[str]) -> bytes:
    buffer = io.StringIO()
    # Python before 3.13 puts quotes around a lone \r only where lines end with one.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(table)
    return buffer.getvalue().encode()
