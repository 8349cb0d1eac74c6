"""`fields`: which members of a product an answer has."""

from collections.abc import Mapping
from typing import Any

from flask import Request

from features.errors import InvalidQueryError
from features.types import Product
from server.query.wanted import listed
from server.texts.formatting import web_link


def as_product(product: Product) -> dict[str, Any]:
    """What the catalogue says of a product."""
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "category": product.category,
        "price": None if product.price is None else str(product.price),
        "currency": product.currency,
        "brand": product.brand,
        "url": web_link(product.url),
        "availability": product.availability,
        "attributes": dict(product.attributes),
    }


FIELDS = tuple(as_product(Product("")))


def fields_from(request: Request) -> frozenset[str]:
    """The members that are asked for; all of them where a request names none.

    Raises:
        InvalidQueryError: products have no such member.
    """
    named = listed(request, "fields")
    if not named and "fields" in request.values:
        raise InvalidQueryError("fields is empty; leave it out for all of them.")
    for name in named:
        if name not in FIELDS:
            raise InvalidQueryError(
                f"Products have no field {name[:40]!r}; they have {', '.join(FIELDS)}."
            )
    return frozenset(named or FIELDS)


def only(product: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """The product with these members alone, in their usual order."""
    return {name: value for name, value in product.items() if name in fields}
