"""Shopify's product export, old and new: the rows of one handle are one product."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from urllib.parse import quote

from features.catalog.availability import IN_STOCK, from_stock
from features.catalog.cells import picture_refs
from features.catalog.markup import to_text
from features.catalog.options import FeedOptions
from features.catalog.prices import compared
from features.catalog.remarks import Remarks
from features.catalog.table import TableRow
from features.errors import RowError
from features.types import CatalogEntry, PictureRef, Product

REQUIRED = ("handle", "image src")
NEW_REQUIRED = ("url handle", "product image url")
# The new export's headers in the words of the old one.
_OLD_WORDS = {
    "url handle": "handle",
    "description": "body (html)",
    "published on online store": "published",
    "sku": "variant sku",
    "price": "variant price",
    "compare-at price": "variant compare at price",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty",
    "continue selling when out of stock": "variant inventory policy",
    "product image url": "image src",
    "variant image url": "variant image",
}
_OPTIONS = tuple((f"option{number} name", f"option{number} value") for number in (1, 2, 3))
KNOWN = frozenset(
    {
        *_OLD_WORDS.values(),
        *(column for pair in _OPTIONS for column in pair),
        "title",
        "vendor",
        "product category",
        "type",
        "tags",
        "status",
        "image position",
    }
)
_VARIANT = ("variant sku", "variant price", "variant inventory qty", "option1 value")
_METAFIELD = re.compile(r"(.+) \(product\.metafields\..+\)")
_GOOGLE_SHOPPING = re.compile(r"google shopping / (gender|age group|condition|color|material)")
# More rows than Shopify allows a product; a file that claims more is read in parts of this size.
_MOST_ROWS = 5000


def canonical(column: str) -> str:
    """The old export's header for one of the new export."""
    return _OLD_WORDS.get(column, column)


def prepare(rows: Iterable[TableRow | RowError]) -> Iterator[TableRow | RowError]:
    """Each product's rows with its options' names, in the order of its pictures.

    Drafts, archived products and those that are not published are not for sale: they are left out
    with all their rows, without an error.
    """
    left_out: set[str] = set()
    product: list[TableRow] = []
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        other = product and row.cell("handle") != product[0].cell("handle")
        if other or len(product) == _MOST_ROWS:
            yield from _arranged(product, left_out)
            product = []
        product.append(row)
    yield from _arranged(product, left_out)


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: a product with its first variant, a further variant, or one more picture."""
    handle = row.cell("handle")
    if not handle:
        raise RowError("the row has no handle", line=row.line, code="no_id")
    title = to_text(row.cell("title"))
    remarks = Remarks(row.line, handle)
    offer = compared(
        remarks.price(row.cell("variant price"), options.currency),
        remarks.price(row.cell("variant compare at price"), options.currency),
    )
    product = Product(
        id=handle,
        title=title,
        description=to_text(row.cell("body (html)")),
        category=to_text(row.cell("product category") or row.cell("type")),
        price=offer.price.amount,
        currency=offer.price.currency,
        brand=to_text(row.cell("vendor")),
        url=_address(options.store_url, handle) if title else "",
        availability=_availability(row, remarks),
        attributes={**_attributes(row), **offer.attributes},
    )
    yield from remarks.errors
    yield CatalogEntry(product, _pictures(row), row.line, variant=not title)


def _arranged(product: list[TableRow], left_out: set[str]) -> list[TableRow]:
    handles = {row.cell("handle") for row in product}
    if not all(map(_for_sale, product)):
        left_out |= handles
    if handles & left_out:
        return []
    _name_options(product)
    return sorted(product, key=_position)


def _for_sale(row: TableRow) -> bool:
    published, status = row.cell("published").lower(), row.cell("status").lower()
    return published not in {"false", "no", "0"} and status in {"", "active"}


def _name_options(product: list[TableRow]) -> None:
    """Only the first row of a product names its options."""
    for name, _ in _OPTIONS:
        given = next((row.cells[name] for row in product if row.cell(name)), "")
        for row in product:
            row.cells[name] = row.cell(name) or given


def _position(row: TableRow) -> float:
    text = row.cell("image position")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else float("inf")


def _address(store: str, handle: str) -> str:
    return f"{store.rstrip('/')}/products/{quote(handle)}" if store else ""


def _availability(row: TableRow, remarks: Remarks) -> str:
    """Of a variant's row; a product whose stock is not tracked can always be bought."""
    if not any(row.cell(column) for column in _VARIANT):
        return ""
    if row.cells.get("variant inventory tracker") == "":
        return IN_STOCK
    backorders = row.cell("variant inventory policy").lower() in {"continue", "true", "yes"}
    stock = partial(from_stock, backorders=backorders)
    return remarks.availability(row.cell("variant inventory qty"), stock)


def _attributes(row: TableRow) -> dict[str, str]:
    found = {_attribute(column): to_text(text) for column, text in row.cells.items() if text}
    found.pop("", None)
    for name, value in _OPTIONS:
        if row.cell(value) and row.cell(value) != "Default Title":
            found[row.cell(name).lower() or name.removesuffix(" name")] = row.cell(value)
    return found


@lru_cache(maxsize=1024)
def _attribute(column: str) -> str:
    """What an attribute's column is called; empty for every other column."""
    if column in {"type", "tags"}:
        return column
    if column == "variant sku":
        return "sku"
    named = _METAFIELD.fullmatch(column) or _GOOGLE_SHOPPING.fullmatch(column)
    return named[1] if named else ""


def _pictures(row: TableRow) -> tuple[PictureRef, ...]:
    return picture_refs((row.cell("image src"), row.cell("variant image")), row.line)
