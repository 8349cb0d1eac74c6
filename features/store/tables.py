"""The store's CSV tables: which picture each row shows, and what is known of each product."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd

from features.types import GalleryPicture, Product

ROW_COLUMNS = ["product_id", "image", "content_hash"]
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
    table = [(p.product_id, p.location, p.content_hash) for p in pictures]
    return _csv(table, ROW_COLUMNS)


def read_rows(path: Path) -> list[GalleryPicture]:
    """The pictures of a segment, in the order of its vectors."""
    return [GalleryPicture(*row) for row in _read(path, ROW_COLUMNS)]


def read_column(path: Path, column: str) -> list[str]:
    """One column of a table, without the work of reading the others."""
    table = pd.read_csv(path, dtype=str, na_filter=False, encoding="utf-8", usecols=[column])
    names: list[str] = table[column].tolist()
    return names


def products_csv(products: Iterable[Product]) -> bytes:
    """One line a product; further columns of the feed travel as JSON in `attributes`."""
    return _csv([_product_row(product) for product in products], PRODUCT_COLUMNS)


def read_products(path: Path) -> list[Product]:
    """The products of a segment."""
    return [_product(row) for row in _read(path, PRODUCT_COLUMNS)]


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


def _product(row: Sequence[str]) -> Product:
    identity, title, description, category, price, *rest, attributes = row
    currency, brand, url, availability = rest
    return Product(
        id=identity,
        title=title,
        description=description,
        category=category,
        price=Decimal(price) if price else None,
        currency=currency,
        brand=brand,
        url=url,
        availability=availability,
        attributes=json.loads(attributes) if attributes else {},
    )


def _csv(table: Sequence[Sequence[str]], columns: list[str]) -> bytes:
    buffer = io.StringIO()
    # Python before 3.13 puts quotes around a lone \r only where lines end with one.
    frame = pd.DataFrame(table, columns=columns, dtype=str)
    frame.to_csv(buffer, index=False, lineterminator="\r\n")
    return buffer.getvalue().encode()


def _read(path: Path, columns: list[str]) -> Iterator[tuple[str, ...]]:
    # na_filter off: a product may well be called "NA" or "null".
    table = pd.read_csv(path, dtype=str, na_filter=False, encoding="utf-8")
    if list(table.columns) != columns:
        raise ValueError(f"{path.name} has the columns {list(table.columns)}")
    return zip(*(table[column].tolist() for column in columns), strict=True)
