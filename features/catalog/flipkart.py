"""The Flipkart products CSV (PromptCloud): JSON arrays and a Ruby hash inside cells."""

import re
from collections.abc import Iterator

from features.catalog.cells import clean, picture_refs
from features.catalog.markup import to_text
from features.catalog.options import FeedOptions
from features.catalog.prices import Offer, reduced
from features.catalog.remarks import Remarks
from features.catalog.table import TableRow
from features.errors import RowError
from features.json_text import read_json
from features.types import CatalogEntry, Product

REQUIRED = ("uniq_id", "product_category_tree", "image")
KNOWN = frozenset(
    {
        *REQUIRED,
        "product_name",
        "product_url",
        "description",
        "brand",
        "retail_price",
        "discounted_price",
        "product_specifications",
    }
)

_STRING = r'"((?:[^"\\]|\\.)*)"'
_SPECIFICATION = re.compile(rf'"key"\s*=>\s*{_STRING}\s*,\s*"value"\s*=>\s*{_STRING}')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": " ", "r": "", "e": ""}


def parse(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    """One row: one product with all its pictures."""
    identity = row.cell("uniq_id")
    if not identity:
        raise RowError("the row has no uniq_id", line=row.line, code="no_id")
    pictures = picture_refs(_pictures(row), row.line)
    if not pictures:
        raise RowError(f"product {identity!r} has no picture", line=row.line, code="no_picture")
    title = to_text(row.cell("product_name"))
    remarks = Remarks(row.line, identity)
    offer = _offer(row, remarks, options.currency or "INR")
    product = Product(
        id=identity,
        title=title,
        description=to_text(row.cell("description")),
        category=_category(row.cell("product_category_tree"), title),
        price=offer.price.amount,
        currency=offer.price.currency,
        brand=to_text(row.cell("brand")),
        url=row.cell("product_url"),
        attributes={**_specifications(row.cell("product_specifications")), **offer.attributes},
    )
    yield from remarks.errors
    yield CatalogEntry(product, pictures, row.line)


def _pictures(row: TableRow) -> list[str]:
    text = row.cell("image")
    if not text or text == "[]":
        return []
    try:
        urls = read_json(text)
        return [clean(url) for url in urls if clean(url)]
    except (ValueError, TypeError, AttributeError) as error:
        raise RowError(
            "the image cell is not a JSON array of addresses",
            line=row.line,
            code="bad_cell",
            unread=True,
        ) from error


def _offer(row: TableRow, remarks: Remarks, currency: str) -> Offer:
    """What a shopper pays; the retail price where there is no discount. Neither may be given."""
    return reduced(
        remarks.price(row.cell("retail_price"), currency),
        remarks.price(row.cell("discounted_price"), currency),
    )


def _category(tree: str, title: str) -> str:
    """The path above the product itself, which the tree repeats, often shortened, as its end."""
    try:
        path = read_json(tree)[0]
    except (ValueError, TypeError, IndexError, KeyError):
        path = None
    known = path if isinstance(path, str) else tree.strip('[]"')
    steps = [clean(step) for step in known.split(">>")]
    if _names_product(steps[-1], title) or len(steps) == 1:
        steps = steps[:-1]
    return " > ".join(step for step in steps if step)


def _names_product(step: str, title: str) -> bool:
    stem = step.removesuffix("...").strip().casefold()
    return bool(stem) and title.casefold().startswith(stem)


def _specifications(text: str) -> dict[str, str]:
    """The pairs of a Ruby hash; a value without a key is left out."""
    pairs = ((_unescaped(key), _unescaped(value)) for key, value in _SPECIFICATION.findall(text))
    return {key: value for key, value in pairs if key and value}


def _unescaped(text: str) -> str:
    return to_text(clean(_ESCAPED.sub(lambda mark: _ESCAPES.get(mark[1], mark[1]), text)))
