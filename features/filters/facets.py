"""What the products of an answer have in common, counted by value."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from features.filters.fields import PRICE, shown_values
from features.types import Product

Facets = Mapping[str, Mapping[str, int]]
_MOST_VALUES = 50


def count_facets(products: Iterable[Product], fields: Sequence[str]) -> Facets:
    """For each field the values of the products, the most frequent first.

    The price is told as its least and its largest whole number, where any product has one.
    """
    products = list(products)
    return {field: _counted(products, field) for field in fields}


def _counted(products: Sequence[Product], field: str) -> Mapping[str, int]:
    if field == PRICE:
        prices = [product.price for product in products if product.price is not None]
        return {"min": math.floor(min(prices)), "max": math.ceil(max(prices))} if prices else {}
    counts = Counter(value for product in products for value in shown_values(product, field))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:_MOST_VALUES])
