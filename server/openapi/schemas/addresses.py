"""What stands in an address, and in headers."""

from marshmallow import fields

from server.openapi.schemas.base import Described

# No control characters, and no space around.
_ID = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"


def _product_id(description: str) -> fields.String:
    return fields.String(
        required=True,
        metadata={
            "description": description,
            "minLength": 1,
            "maxLength": 500,
            "pattern": _ID,
            "examples": ["mug-001"],
        },
    )


class ProductPath(Described):
    """The product of an address."""

    product_id = _product_id(
        "As the catalogue has it; a slash may be written as `%2F`. Some ids "
        "cannot stand in a path, such as `.` and `..`: name these as a parameter."
    )


class NamedProduct(Described):
    """The product of a parameter."""

    product_id = _product_id("As the catalogue has it, whatever its characters.")


class PictureNumber(Described):
    """A picture of a product that a parameter names."""

    number = fields.Integer(
        required=True,
        metadata={"description": "Counted from 0.", "minimum": 0, "examples": [0]},
    )


class PicturePath(ProductPath, PictureNumber):
    """A picture of a product."""


class JobPath(Described):
    """The job of an address."""

    job_id = fields.String(
        required=True,
        metadata={"minLength": 1, "examples": ["20260101120000000000-0123abcd"]},
    )


class CollectionPath(Described):
    """The collection of an address."""

    collection_id = fields.String(
        required=True, metadata={"minLength": 1, "examples": ["0123456789abcdef"]}
    )


class Revalidation(Described):
    """What a cache asks with."""

    if_none_match = fields.String(
        data_key="If-None-Match",
        metadata={
            "description": "The ETag of the answer that is kept.",
            "examples": ['W/"9fd6d4a0c3b5e6f70811223344556677"'],
        },
    )
