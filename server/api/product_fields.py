"""A product as a request describes it. Nothing is guessed: what is not understood is refused."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Request

from features.catalog.availability import parse_availability
from features.catalog.cells import clean
from features.errors import InvalidProductError
from features.types import Product
from server.query.json_bodies import json_object
from server.texts.formatting import web_link

_TEXTS = ("title", "description", "category", "brand")
_FIELDS = {*_TEXTS, "price", "currency", "url", "availability", "attributes", "images", "id"}
_LONGEST = 20_000
_LONGEST_ATTRIBUTE = 10_000
_MOST_ATTRIBUTES = 200
_INSTEAD = (
    "Send the product as JSON, or as the field 'product' of a multipart form with its pictures as "
    "files 'image'."
)
_PRICE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


def product_from(request: Request, product_id: str) -> tuple[Product, list[str] | None]:
    """The product of a request, and where its pictures are if the request says so.

    Raises:
        InvalidProductError: it is no JSON object, or one of its fields cannot be used.
    """
    fields = _fields(request)
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        raise InvalidProductError(
            f"There is no field {unknown[0]!r}; what a product has besides goes into attributes."
        )
    if fields.get("id", product_id) != product_id:
        raise InvalidProductError(f"The id is {fields['id']!r}, but the address {product_id!r}.")
    product = Product(
        id=_checked_id(product_id),
        **{name: _text(fields, name) for name in _TEXTS},
        price=_price(fields.get("price")),
        currency=_currency(fields),
        url=_url(fields),
        availability=_availability(fields),
        attributes=_attributes(fields.get("attributes", {})),
    )
    return product, _images(fields)


def sent_pictures(request: Request) -> list[bytes]:
    """The bytes of every file `image`; their number and size are limited by the request's.

    Raises:
        InvalidProductError: `image` is text, or a file has another name.
    """
    if "image" in request.form or set(request.files) - {"image"}:
        raise InvalidProductError("Send each picture as a file 'image'; addresses go into images.")
    return [upload.stream.read() for upload in request.files.getlist("image")]


def _fields(request: Request) -> dict[str, Any]:
    form = request.mimetype == "multipart/form-data"
    text = request.form.get("product", "") if form else request.get_data()
    return json_object(text, "product", InvalidProductError, instead=_INSTEAD)


def _checked_id(product_id: str) -> str:
    if clean(product_id) != product_id or len(product_id) > 500:
        raise InvalidProductError(
            "The id must have at most 500 characters, no control characters, and no space around."
        )
    return product_id


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InvalidProductError(f"{name} must be text of at most {_LONGEST} characters.")
    return clean(value)


def _price(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    number = not isinstance(value, bool) and isinstance(value, str | int | float)
    # JSON has tiny numbers as 1e-05.
    text = f"{Decimal(repr(value)):.12f}" if _is_tiny(value) else str(value)
    if not (number and _PRICE.fullmatch(text)):
        raise InvalidProductError('price must be a number such as "15.00".')
    return Decimal(text)


def _is_tiny(value: object) -> bool:
    return isinstance(value, float) and 0 < value < 0.001


def _currency(fields: Mapping[str, Any]) -> str:
    currency = _text(fields, "currency").upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise InvalidProductError('currency must be an ISO 4217 code such as "EUR".')
    return currency


def _url(fields: Mapping[str, Any]) -> str:
    url = _text(fields, "url")
    if url and not web_link(url):
        raise InvalidProductError("url must begin with http:// or https://.")
    return url


def _availability(fields: Mapping[str, Any]) -> str:
    try:
        return parse_availability(_text(fields, "availability"))
    except ValueError as error:
        raise InvalidProductError(f"{error}.") from error


def _attributes(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > _MOST_ATTRIBUTES:
        raise InvalidProductError(f"attributes must be an object of at most {_MOST_ATTRIBUTES}.")
    for name, text in value.items():
        if not isinstance(text, str) or max(len(name), len(text)) > _LONGEST_ATTRIBUTE:
            raise InvalidProductError(
                f"The attribute {name[:40]!r} must be text of at most {_LONGEST_ATTRIBUTE} "
                "characters, and so must its name."
            )
    cleaned = {clean(name): clean(text) for name, text in value.items()}
    return {name: text for name, text in cleaned.items() if name and text}


def _images(fields: Mapping[str, Any]) -> list[str] | None:
    images = fields.get("images")
    if images is None:
        return None
    if not (isinstance(images, list) and all(isinstance(image, str) for image in images)):
        raise InvalidProductError("images must be a list of addresses.")
    locations = [clean(image) for image in images]
    if not all(locations):
        raise InvalidProductError("images holds an empty address.")
    return locations
