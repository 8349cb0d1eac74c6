"""The Flipkart products CSV (PromptCloud): JSON arrays and a Ruby hash inside cells."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal

from features.catalog.cells import clean, parse_price
from features.catalog.options import FeedOptions
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, PictureRef, Product

REQUIRED = frozenset({"uniq_id", "product_category_tree", "image"})

_STRING = r'"((?:[^"\\]|\\.)*)"'
_SPECIFICATION = re.compile(rf'"key"\s*=>\s*{_STRING}\s*,\s*"value"\s*=>\s*{_STRING}')


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: one product with all its pictures."""
    identity = row.cell("uniq_id")
    if not identity:
        raise RowError("the row has no uniq_id", line=row.line, code="no_id")
    pictures = [PictureRef(url, row.line) for url in dict.fromkeys(_pictures(row))]
    if not pictures:
        raise RowError(f"product {identity!r} has no picture", line=row.line, code="no_picture")
    title = row.cell("product_name")
    price = _price(row)
    product = Product(
        id=identity,
        title=title,
        description=row.cell("description"),
        category=_category(row.cell("product_category_tree"), title),
        price=price,
        currency="INR" if price is not None else "",
        brand=row.cell("brand"),
        url=row.cell("product_url"),
        attributes=_attributes(row),
    )
    yield CatalogEntry(product, tuple(pictures))


def _pictures(row: TableRow) -> list[str]:
    text = row.cell("image")
    if not text or text == "[]":
        return []
    try:
        urls = json.loads(text)
        return [clean(url) for url in urls if clean(url)]
    except (ValueError, TypeError, AttributeError) as error:
        raise RowError(
            "the image cell is not a JSON array of addresses", line=row.line, code="bad_cell"
        ) from error


def _price(row: TableRow) -> Decimal | None:
    """What a shopper pays; the retail price where there is no discount. Neither may be given."""
    try:
        return parse_price(row.cell("discounted_price") or row.cell("retail_price"))[0]
    except ValueError:
        return None


def _category(tree: str, title: str) -> str:
    """The path above the product itself, which the tree repeats, often shortened, as its end."""
    try:
        path = json.loads(tree)[0]
    except (ValueError, TypeError, IndexError, KeyError):
        path = tree.strip('[]"')
    steps = [clean(step) for step in str(path).split(">>")]
    if _names_product(steps[-1], title) or len(steps) == 1:
        steps = steps[:-1]
    return " > ".join(step for step in steps if step)


def _names_product(step: str, title: str) -> bool:
    stem = step.removesuffix("...").strip().casefold()
    return bool(stem) and title.casefold().startswith(stem)


def _attributes(row: TableRow) -> dict[str, str]:
    found = {
        clean(key): clean(value)
        for key, value in _SPECIFICATION.findall(row.cell("product_specifications"))
    }
    if row.cell("discounted_price") and row.cell("retail_price"):
        found["retail_price"] = row.cell("retail_price")
    return {key: value for key, value in found.items() if key and value}
