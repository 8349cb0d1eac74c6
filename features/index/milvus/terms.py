"""Filters in the engine's language, meaning exactly what `features.filters` means.

Each row carries a term for every value that a filter can ask its product for: `brand:acme`,
`category:shoes > boots`. The values are made by the very function that masks are made with, so that
spellings, paths and lists need no second definition.
"""

import hashlib
import math
import re
from collections.abc import Iterable

from features.filters.fields import CATEGORY, PRICE, attribute_named, field_named, values_of
from features.types import Filter, PriceRange, Product

EDITION = 2
"""Grows when `values_of` spells values otherwise: terms that were written before are old then."""
TERM_BYTES = 200
MOST_TERMS = 4_096
_FIELDS = ("id", "brand", "currency", "availability", CATEGORY)
# What needs no quoting in an expression, in any script.
_PLAIN = re.compile(r"[\w :>.,+&/-]+")


def terms_of(product: Product) -> list[str]:
    """The terms of a product, sorted."""
    names = {*_FIELDS, *(attribute_named(name) for name in product.attributes)} - {PRICE}
    return sorted({_term(name, value) for name in names for value in values_of(product, name)})


def expression(filters: Iterable[Filter]) -> str | None:
    """All filters in the engine's language, empty for none; None where only a mask can tell."""
    parts: list[str] = []
    for wanted in filters:
        if wanted.field != field_named(wanted.field):
            return None  # terms know each field by one name
        parts.append(_prices(wanted.ranges) if wanted.field == PRICE else _words(wanted))
    return " and ".join(f"({part})" for part in parts)


def _words(wanted: Filter) -> str:
    terms = sorted(_term(wanted.field, word) for word in wanted.words)
    listed = ", ".join(f'"{term}"' for term in terms)
    return f"array_contains_any(terms, [{listed}])" if terms else _NOTHING


def _prices(ranges: tuple[PriceRange, ...]) -> str:
    """Both sides are the doubles that masks compare: a price of cents is the same one in both."""
    return " or ".join(f"({_between(span)})" for span in ranges) or _NOTHING


def _between(span: PriceRange) -> str:
    if span.low == math.inf or span.high == -math.inf:
        return _NOTHING
    bounds = [
        *([f"price >= {span.low!r}"] if math.isfinite(span.low) else []),
        *([f"price <= {span.high!r}"] if math.isfinite(span.high) else []),
    ]
    return " and ".join(bounds) or "price is not null"


_NOTHING = "key in [-1]"


def _term(field: str, value: str) -> str:
    """Readable where it is short and plain, else a digest."""
    text = f"{field}:{value}"
    if len(text.encode()) <= TERM_BYTES and _PLAIN.fullmatch(text):
        return text
    return f"#{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
