"""The project's own CSV: `id, image` and what is known besides; further columns are attributes."""

from collections.abc import Iterator

from features.catalog.cells import picture_refs, split_pictures
from features.catalog.markup import to_text
from features.catalog.options import FeedOptions
from features.catalog.prices import reduced
from features.catalog.remarks import Remarks
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, Product

REQUIRED = ("id", "image")
KNOWN = frozenset(
    {
        "id",
        "title",
        "description",
        "category",
        "image",
        "price",
        "sale_price",
        "currency",
        "brand",
        "url",
        "availability",
    }
)


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: one picture of one product, or several addresses of its pictures."""
    identity, image = row.cell("id"), row.cell("image")
    if not identity:
        raise RowError("the row has no id", line=row.line, code="no_id")
    if not image:
        raise RowError(f"product {identity!r} has no picture", line=row.line, code="no_picture")
    remarks = Remarks(row.line, identity)
    currency = remarks.currency(row.cell("currency"))
    offer = reduced(
        remarks.price(row.cell("price"), currency or options.currency),
        remarks.price(row.cell("sale_price"), currency or options.currency),
    )
    product = Product(
        id=identity,
        title=to_text(row.cell("title")),
        description=to_text(row.cell("description")),
        category=to_text(row.cell("category")),
        price=offer.price.amount,
        currency=currency or offer.price.currency,
        brand=to_text(row.cell("brand")),
        url=row.cell("url"),
        availability=remarks.availability(row.cell("availability")),
        attributes={
            **{name: to_text(text) for name, text in row.cells.items() if _extra(name) and text},
            **offer.attributes,
        },
    )
    yield from remarks.errors
    # A comma may belong to a file's name, but addresses begin where one ends.
    locations = split_pictures(image) if "//" in image else [image]
    yield CatalogEntry(product, picture_refs(locations, row.line), row.line)


def _extra(column: str) -> bool:
    return bool(column) and column not in KNOWN
