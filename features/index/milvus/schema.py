"""What a collection holds of each row: all that the store knows of the picture and its product."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from features.errors import IndexEngineError
from features.index.milvus.terms import MOST_TERMS, TERM_BYTES, terms_of
from features.types import GalleryPicture, Product, Vectors

Row = Mapping[str, Any]
KEY, VECTOR, TERMS, DESCRIBED, RECORD = "key", "vector", "terms", "described", "record"
_LONGEST = 65_535  # bytes, as Milvus allows
_TEXT = ("VARCHAR", {"max_length": _LONGEST})
FIELDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    KEY: ("INT64", {"is_primary": True}),
    VECTOR: ("FLOAT_VECTOR", {"dim": 0}),
    "product_id": _TEXT,
    "title": _TEXT,
    "description": _TEXT,
    "category": _TEXT,
    "price": ("DOUBLE", {"nullable": True}),
    "exact_price": _TEXT,
    "currency": _TEXT,
    "brand": _TEXT,
    "url": _TEXT,
    "availability": _TEXT,
    "attributes": ("JSON", {}),
    "location": _TEXT,
    "content_hash": _TEXT,
    TERMS: (
        "ARRAY",
        {"element_type": "VARCHAR", "max_capacity": MOST_TERMS, "max_length": TERM_BYTES},
    ),
    DESCRIBED: ("INT64", {}),
    RECORD: _TEXT,
}
_AT = "@"  # between the hash of a video's still and its second: collections keep their fields
_TEXTS = [name for name, (kind, _) in FIELDS.items() if kind == "VARCHAR"]


@dataclass(frozen=True)
class Member:
    """One row as the store knows it; `described` is the segment that describes the product."""

    key: int
    vector: Vectors
    picture: GalleryPicture
    product: Product | None
    described: int

    @property
    def terms(self) -> list[str]:
        """What filters may ask for; nothing of a picture whose product is not described."""
        return terms_of(self.product) if self.product is not None else []

    def as_row(self) -> Row:
        """The row for the engine.

        Raises:
            IndexEngineError: the product's texts are longer than Milvus can hold.
        """
        product = self.product or Product(self.picture.product_id)
        row = {
            KEY: self.key,
            VECTOR: np.asarray(self.vector, dtype=np.float32),
            "product_id": product.id,
            "title": product.title,
            "description": product.description,
            "category": product.category,
            "price": None if product.price is None else float(product.price),
            "exact_price": "" if product.price is None else str(product.price),
            "currency": product.currency,
            "brand": product.brand,
            "url": product.url,
            "availability": product.availability,
            "attributes": dict(product.attributes),
            "location": self.picture.location,
            "content_hash": _content(self.picture),
            TERMS: self.terms,
            DESCRIBED: self.described,
            RECORD: "",
        }
        _check(row)
        return row


def record_row(key: int, text: str, dim: int) -> Row:
    """A row that no search finds: what the collection says of itself."""
    texts: dict[str, Any] = dict.fromkeys(_TEXTS, "")
    return {
        **texts,
        KEY: key,
        VECTOR: np.zeros(dim, np.float32),
        "price": None,
        "attributes": {},
        TERMS: [],
        DESCRIBED: 0,
        RECORD: text,
    }


def picture_of(row: Row) -> GalleryPicture:
    """The picture of a row that came from the engine."""
    digest, _, time_s = row["content_hash"].partition(_AT)
    return GalleryPicture(
        row["product_id"], row["location"], digest, float(time_s) if time_s else None
    )


def _content(picture: GalleryPicture) -> str:
    if picture.time_s is None:
        return picture.content_hash
    return f"{picture.content_hash}{_AT}{picture.time_s:.3f}"


def product_of(row: Row) -> Product:
    """The product of a row that came from the engine, every field as it was."""
    attributes = row["attributes"]
    if isinstance(attributes, str | bytes):
        attributes = json.loads(attributes)
    return Product(
        id=row["product_id"],
        title=row["title"],
        description=row["description"],
        category=row["category"],
        price=Decimal(row["exact_price"]) if row["exact_price"] else None,
        currency=row["currency"],
        brand=row["brand"],
        url=row["url"],
        availability=row["availability"],
        attributes=attributes,
    )


def _check(row: Row) -> None:
    sizes = {name: len(row[name].encode()) for name in _TEXTS}
    sizes["attributes"] = len(json.dumps(row["attributes"], ensure_ascii=False).encode())
    long = [name for name, size in sizes.items() if size > _LONGEST]
    if long or len(row[TERMS]) > MOST_TERMS:
        raise IndexEngineError(
            f"the product {row['product_id'][:60]!r} does not fit into Milvus: its "
            f"{', '.join(long) or 'attributes'} hold more than {_LONGEST} bytes or "
            f"{MOST_TERMS} values; shorten them in the catalogue"
        )
