"""WooCommerce's product export: variations name their parent by its SKU, or as `id:NN`."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count

from features.catalog.availability import from_stock
from features.catalog.cells import picture_refs, split_pictures
from features.catalog.markup import to_text
from features.catalog.options import FeedOptions
from features.catalog.prices import Offer, reduced, sale_runs
from features.catalog.remarks import Remarks
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, Product

REQUIRED = ("sku", "images")
KNOWN = frozenset(
    {
        *REQUIRED,
        "id",
        "type",
        "name",
        "published",
        "short description",
        "description",
        "date sale price starts",
        "date sale price ends",
        "in stock?",
        "stock",
        "backorders allowed?",
        "sale price",
        "regular price",
        "categories",
        "tags",
        "parent",
        "external url",
        "brands",
    }
)
_COMMA = re.compile(r"(?<!\\),")
# The export puts a quote before what a spreadsheet would take for a formula.
_FORMULA = re.compile(r"^'(?=[=+\-@])")


def prepare(rows: Iterable[TableRow | RowError]) -> Iterator[TableRow | RowError]:
    """The rows of what is for sale.

    A product that is not published is left out without an error, and so are the variations that
    follow it, as they do in an export; of one that stands before its product nothing is known.
    """
    left_out: set[str] = set()
    for row in rows:
        if isinstance(row, RowError):
            yield row
        elif row.cell("published") not in {"", "1"}:
            left_out.add(_own_id(row))
        elif not (_is_variation(row) and row.cell("parent") in left_out):
            yield row


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: a product, or a variation of one."""
    variation = _is_variation(row)
    identity = _identity(row, variation)
    remarks = Remarks(row.line, _own_id(row) or identity)
    offer = _offer(row, remarks, options.currency)
    categories = _listed(row.cell("categories"))
    product = Product(
        id=identity,
        title=to_text(_text(row, "name")),
        description=to_text(_text(row, "description") or _text(row, "short description")),
        category=categories[0] if categories else "",
        price=offer.price.amount,
        currency=offer.price.currency,
        brand=", ".join(_listed(row.cell("brands"))),
        url="" if variation else _address(row, options.store_url),
        availability=_availability(row, remarks),
        attributes={**_attributes(row, categories, variation), **offer.attributes},
    )
    pictures = picture_refs(split_pictures(row.cell("images")), row.line)
    yield from remarks.errors
    yield CatalogEntry(product, pictures, row.line, variant=variation)


def _is_variation(row: TableRow) -> bool:
    """The type may be `simple`, `variation`, or several words such as `variation, virtual`."""
    return "variation" in row.cell("type").lower()


def _own_id(row: TableRow) -> str:
    number = row.cell("id")
    return _text(row, "sku") or (f"id:{number}" if number else "")


def _identity(row: TableRow, variation: bool) -> str:
    identity = row.cell("parent") if variation else _own_id(row)
    if identity:
        return identity
    if variation:
        raise RowError("the variation names no parent", line=row.line, code="no_parent")
    raise RowError("the row has neither SKU nor ID", line=row.line, code="no_id")


def _text(row: TableRow, column: str) -> str:
    """A cell as it was before the export: line breaks are written as two characters."""
    return _FORMULA.sub("", row.cell(column).replace("\\n", "\n")).strip()


def _listed(text: str) -> list[str]:
    """What stands between commas; a comma that belongs to a name has a backslash before it."""
    names = (to_text(name.replace("\\,", ",").strip()) for name in _COMMA.split(text))
    return [name for name in names if name]


def _offer(row: TableRow, remarks: Remarks, currency: str) -> Offer:
    regular = remarks.price(row.cell("regular price"), currency)
    if not sale_runs(row.cell("date sale price starts"), row.cell("date sale price ends")):
        return Offer(regular)
    return reduced(regular, remarks.price(row.cell("sale price"), currency))


def _availability(row: TableRow, remarks: Remarks) -> str:
    """What the shop says of it; else what the number of pieces says."""
    if said := row.cell("in stock?"):
        return remarks.availability(said)
    backorders = row.cell("backorders allowed?").lower() in {"1", "yes", "notify"}
    return remarks.availability(row.cell("stock"), partial(from_stock, backorders=backorders))


def _attributes(row: TableRow, categories: list[str], variation: bool) -> dict[str, str]:
    found = {"categories": ", ".join(categories), "tags": ", ".join(_listed(row.cell("tags")))}
    if variation:
        found["sku"] = _text(row, "sku")
    for number in count(1):
        name = row.cells.get(f"attribute {number} name")
        if name is None:
            break
        found[name.lower()] = ", ".join(_listed(row.cell(f"attribute {number} value(s)")))
    return {name: text for name, text in found.items() if name and text}


def _address(row: TableRow, store: str) -> str:
    if row.cell("external url"):
        return row.cell("external url")
    number = row.cell("id")
    return f"{store.rstrip('/')}/?p={number}" if store and number else ""
