"""What the products of an answer have in common, counted by value."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from features.filters.fields import PRICE, as_asked, field_named, shown_values
from features.types import Product

Facets = Mapping[str, Mapping[str, int]]
_MOST_VALUES = 50


def count_facets(products: Iterable[Product], fields: Sequence[str]) -> Facets:
    """For each field, in any spelling, the values of the products, the most frequent first.

    Spellings that filters take for one value are counted as one, shown as the most frequent. The
    price is told as its least and its largest whole number, where any product has one.
    """
    products = list(products)
    return {field: _counted(products, field_named(field)) for field in fields}


def _counted(products: Sequence[Product], field: str) -> Mapping[str, int]:
    if field == PRICE:
        prices = [product.price for product in products if product.price is not None]
        return {"min": math.floor(min(prices)), "max": math.ceil(max(prices))} if prices else {}
    shown = [shown_values(product, field) for product in products]
    spelt = Counter(text for texts in shown for text in texts)
    asked = {text: as_asked(field, text) for text in spelt}
    counts = Counter(value for texts in shown for value in {asked[text] for text in texts})
    usual = {asked[text]: text for text, _ in reversed(_most_frequent_first(spelt))}
    counted = {usual[value]: count for value, count in counts.items()}
    return dict(_most_frequent_first(counted)[:_MOST_VALUES])


def _most_frequent_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
