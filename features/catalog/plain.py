"""The project's own CSV: `id, image` and what is known besides; further columns are attributes."""

from collections.abc import Iterator

from features.catalog.cells import parse_price
from features.catalog.options import FeedOptions
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, PictureRef, Product

REQUIRED = frozenset({"id", "image"})
_KNOWN = frozenset(
    {
        "id",
        "title",
        "description",
        "category",
        "image",
        "price",
        "currency",
        "brand",
        "url",
        "availability",
    }
)


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: one picture of one product."""
    identity, image = row.cell("id"), row.cell("image")
    if not identity:
        raise RowError("the row has no id", line=row.line, code="no_id")
    if not image:
        raise RowError(f"product {identity!r} has no picture", line=row.line, code="no_picture")
    price, currency = None, ""
    try:
        price, currency = parse_price(row.cell("price"))
    except ValueError as error:
        yield RowError(
            f"{error}; product {identity!r} is kept without a price",
            line=row.line,
            code="bad_price",
        )
    product = Product(
        id=identity,
        title=row.cell("title"),
        description=row.cell("description"),
        category=row.cell("category"),
        price=price,
        currency=row.cell("currency") or currency,
        brand=row.cell("brand"),
        url=row.cell("url"),
        availability=row.cell("availability"),
        attributes={name: text for name, text in row.cells.items() if _extra(name) and text},
    )
    yield CatalogEntry(product, (PictureRef(image, row.line),))


def _extra(column: str) -> bool:
    return bool(column) and column not in _KNOWN
