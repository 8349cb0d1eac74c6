"""Products, in answers and as a request describes them."""

from typing import ClassVar

from marshmallow import fields

from features.changes import MOST_PICTURES
from server.openapi.schemas.base import Described, Indexed, Strict, given_text, text, whole

_AVAILABILITY = ["in_stock", "out_of_stock", "preorder", "backorder"]


class Product(Strict):
    """What the catalogue says of a product; a search answers the members that `fields` names."""

    id = given_text("As the catalogue has it.", "mug-001")
    title = given_text("What it is called.", "Cleo Coffee Mug")
    description = given_text("Text without markup.")
    category = given_text("Steps are parted by ` > `.", "Home > Mugs")
    price = fields.String(
        allow_none=True,
        metadata={"description": "A decimal number; null if unknown.", "examples": ["18.90"]},
    )
    currency = given_text("ISO 4217, or empty.", "EUR")
    brand = given_text("Who makes it.", "Cleo")
    url = given_text("Its page in the shop, or empty.", "https://shop.example/p/mug-001")
    availability = given_text("One of four words, or empty.", enum=["", *_AVAILABILITY])
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What the feed says besides.", "examples": [{"colour": "cream"}]},
    )


class ProductPicture(Strict):
    """One picture of a product."""

    n = whole("Its number, for deleting it.", minimum=0)
    url = text("Where this server shows it.", "/pictures/a9d0836ab80445c601b950c905426f3a")
    location = given_text("Where it came from; told to admins.", "photos/mug-001.webp")


class ShownProduct(Product):
    """A product with its pictures."""

    constraints: ClassVar = {"required": ["id", *sorted(set(Product().fields) - {"id"}), "images"]}

    images = fields.List(fields.Nested(ProductPicture), required=True)


class ProductAnswer(Indexed):
    """One product."""

    product = fields.Nested(ShownProduct, required=True)


class Changed(Indexed):
    """A change that is in every store of the catalogue."""

    index_versions = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "The version with the change, by extractor.",
            "examples": [{"efficientnet_lite2_shop": 7}],
        },
    )


class ProductChanged(Changed):
    """A product that was added or replaced."""

    created = fields.Boolean(required=True, metadata={"description": "Whether it is new."})
    product = fields.Nested(
        ShownProduct,
        required=True,
        allow_none=True,
        metadata={"description": "Null if somebody else has deleted it meanwhile."},
    )


class PictureDeleted(Changed):
    """A product without one of its pictures."""

    product = fields.Nested(ShownProduct, required=True, allow_none=True)


class ProductDeleted(Changed):
    """A product that is gone."""

    deleted = text("Its id.", "mug-001")


class SentProduct(Strict):
    """A product as it shall be; what is left out becomes empty, but for the pictures."""

    id = given_text("If it is there, the one of the address.")
    title = fields.String(
        allow_none=True, metadata={"maxLength": 20_000, "examples": ["Cleo Coffee Mug"]}
    )
    description = fields.String(allow_none=True, metadata={"maxLength": 20_000})
    category = fields.String(
        allow_none=True, metadata={"maxLength": 20_000, "examples": ["Home > Mugs"]}
    )
    brand = fields.String(allow_none=True, metadata={"maxLength": 20_000})
    price = fields.Raw(
        metadata={
            "description": "A number, or one as text.",
            "examples": ["18.90", 18.9],
            "anyOf": [
                {"type": "string", "pattern": r"^([0-9]{1,12}(\.[0-9]{1,12})?)?$"},
                {"type": "number", "minimum": 0, "exclusiveMaximum": 1e12},
                {"type": "null"},
            ],
        }
    )
    currency = fields.String(
        allow_none=True,
        metadata={
            "description": "ISO 4217.",
            "examples": ["EUR"],
            "pattern": "^([A-Za-z]{3})?$",
        },
    )
    url = fields.Raw(
        metadata={
            "description": "Its page in the shop: http or https.",
            "examples": ["https://shop.example/p/mug-001"],
            "anyOf": [
                {"type": "string", "format": "uri", "maxLength": 20_000},
                {"enum": ["", None]},
            ],
        },
    )
    availability = fields.String(
        allow_none=True,
        metadata={
            "description": "Also understood: the words of feeds, schema.org, a number of pieces.",
            "format": "availability",
            "examples": _AVAILABILITY,
        },
    )
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(metadata={"maxLength": 10_000}),
        metadata={
            "description": "Anything else, as text.",
            "maxProperties": 200,
            "examples": [{"colour": "cream"}],
        },
    )
    images = fields.List(
        fields.String(metadata={"format": "uri-reference", "maxLength": 2_000}),
        allow_none=True,
        metadata={
            "description": "Addresses on the web, or the `location` of pictures that it has; "
            "left out, the pictures stay. A new product needs one, here or as a file.",
            "minItems": 1,
            "maxItems": MOST_PICTURES,
        },
    )


class ProductForm(Described):
    """A product with pictures as files."""

    product = fields.String(
        required=True,
        metadata={
            "description": "A `SentProduct` as JSON.",
            "format": "product-json",
            "examples": ['{"title": "Blue Mug", "category": "Mugs", "price": "12.50"}'],
        },
    )
    image = fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        metadata={
            "description": "Pictures: JPEG, PNG, WebP, GIF, AVIF, HEIC. They follow after those of "
            "`images`.",
            "maxItems": MOST_PICTURES,
        },
    )
