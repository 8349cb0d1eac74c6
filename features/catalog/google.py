"""Google Merchant Center: one row an offer; offers of one `item_group_id` are one product."""

import re
from collections.abc import Iterator

from features.catalog.cells import picture_refs, split_pictures
from features.catalog.markup import to_text
from features.catalog.options import FeedOptions
from features.catalog.prices import Offer, reduced, sale_runs
from features.catalog.remarks import Remarks
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, PictureRef, Product

REQUIRED = ("id", "image_link")
_USED = frozenset(
    {
        "id",
        "item_group_id",
        "title",
        "description",
        "link",
        "image_link",
        "additional_image_link",
        "availability",
        "price",
        "sale_price",
        "sale_price_effective_date",
        "brand",
        "product_type",
    }
)
KNOWN = _USED | {
    "google_product_category",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "condition",
    "gtin",
    "mpn",
}
REPEATABLE = frozenset({"additional_image_link"})
_SPACES = re.compile(r"\s+")


def canonical(column: str) -> str:
    """The attribute's name in Google's specification: `image_link` for `g:image link`."""
    return _SPACES.sub("_", column.removeprefix("g:").strip())


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: one product, or one variant of the product that its group is."""
    own = row.cell("id")
    if not own:
        raise RowError("the row has no id", line=row.line, code="no_id")
    group = row.cell("item_group_id")
    remarks = Remarks(row.line, own)
    offer = _offer(row, remarks, options.currency)
    product = Product(
        id=group or own,
        title=to_text(row.cell("title")),
        description=to_text(row.cell("description")),
        category=_category(row),
        price=offer.price.amount,
        currency=offer.price.currency,
        brand=to_text(row.cell("brand")),
        url=row.cell("link"),
        availability=remarks.availability(row.cell("availability")),
        attributes={**_attributes(row, own if group else ""), **offer.attributes},
    )
    yield from remarks.errors
    yield CatalogEntry(product, _pictures(row), row.line, variant=bool(group))


def _offer(row: TableRow, remarks: Remarks, currency: str) -> Offer:
    regular = remarks.price(row.cell("price"), currency)
    start, _, end = row.cell("sale_price_effective_date").partition("/")
    if not sale_runs(start, end):
        return Offer(regular)
    return reduced(regular, remarks.price(row.cell("sale_price"), currency))


def _category(row: TableRow) -> str:
    """The shop's own path, or Google's; a bare number of Google's list says nothing to a reader."""
    path = row.cell("product_type") or row.cell("google_product_category")
    return "" if path.isdecimal() else to_text(path)


def _attributes(row: TableRow, own: str) -> dict[str, str]:
    found = {
        name: to_text(text)
        for name, text in row.cells.items()
        if text and name and name not in _USED
    }
    if own:
        found["variants"] = own
    return found


def _pictures(row: TableRow) -> tuple[PictureRef, ...]:
    more = split_pictures(row.cell("additional_image_link"))
    return picture_refs([row.cell("image_link"), *more], row.line)
