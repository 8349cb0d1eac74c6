"""Filters as a request writes them: `brand:Fleet`, `price:10,199`, `category:Shoes`."""

import math
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from features.errors import InvalidQueryError
from features.filters.fields import PRICE, as_asked, field_named
from features.types import Filter, PriceRange

_MOST_FILTERS = 50
_LONGEST = 300


def parse_filters(texts: Iterable[str]) -> tuple[Filter, ...]:
    """Filters from `field:value` texts, one for each field, in the order of their first text.

    Raises:
        InvalidQueryError: a text is not written so, or there are too many.
    """
    words: dict[str, set[str]] = {}
    ranges: list[PriceRange] = []
    for count, text in enumerate(texts, start=1):
        field, value = _split(text)
        if count > _MOST_FILTERS:
            raise InvalidQueryError(f"There are more than {_MOST_FILTERS} filters.")
        if field == PRICE:
            ranges.append(_price_range(value))
        words.setdefault(field, set()).add(as_asked(field, value))
    return tuple(
        Filter(PRICE, ranges=tuple(ranges)) if field == PRICE else Filter(field, frozenset(values))
        for field, values in words.items()
    )


def _split(text: str) -> tuple[str, str]:
    field, colon, value = (part.strip() for part in text.partition(":"))
    if not (field and colon and value) or len(text) > _LONGEST:
        raise InvalidQueryError(
            f"The filter {text[:60]!r} says nothing; write field:value, such as brand:Fleet, "
            "category:Shoes or price:10,199."
        )
    return field_named(field), value


def _price_range(text: str) -> PriceRange:
    """`10,199`, `10,` (and more), `,199` (and less), or one price."""
    low, comma, high = (part.strip() for part in text.partition(","))
    try:
        if not (low or high):
            raise InvalidOperation
        first = float(Decimal(low)) if low else -math.inf
        last = (float(Decimal(high)) if high else math.inf) if comma else first
        if not first <= last:  # NaN too
            raise InvalidOperation
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InvalidQueryError(
            f"The price {text[:40]!r} is no range; write from,to such as price:10,199, "
            "or price:10, for 10 and more."
        ) from error
    return PriceRange(first, last)
