"""What a product is found by, field by field, and how much each field says."""

from collections.abc import Iterator, Mapping

from features.filters.fields import category_steps, listed
from features.text.folding import whole, words
from features.types import Product

WEIGHTS: Mapping[str, float] = {
    "whole": 12.0,
    "title": 10.0,
    "brand": 6.0,
    "category": 5.0,
    "attributes": 2.0,
    "description": 1.0,
}
"""By field; `whole` holds id, codes, title, brand, and steps of the category as one word each."""
NAMES = ("title", "brand", "category")
"""The fields that name a product: their words are the likelier ones to be meant by a typo."""

Document = Mapping[str, list[str]]


def document(product: Product) -> Document:
    """The words of each field, in the order of `WEIGHTS`."""
    return {
        "whole": [word for text in _named_by(product) if (word := whole(text))],
        "title": _with_compounds(product.title),
        "brand": _with_compounds(product.brand),
        "category": _with_compounds(product.category),
        "attributes": [
            word for text in product.attributes.values() for word in _with_compounds(text)
        ],
        "description": words(product.description),
    }


def _with_compounds(text: str) -> list[str]:
    """The words, and what is joined by a hyphen or the like as one more: `T-Shirt` is `tshirt`."""
    joined = (whole(part) for part in text.split() if len(words(part)) > 1)
    return [*words(text), *filter(None, joined)]


def _named_by(product: Product) -> Iterator[str]:
    yield from (product.id, product.title, product.brand, *category_steps(product.category))
    for text in product.attributes.values():
        yield from filter(_is_code, listed(text))


def _is_code(text: str) -> bool:
    """Whether it may be a SKU, a GTIN, a model's number."""
    return any(map(str.isdigit, text)) and not any(map(str.isspace, text))
