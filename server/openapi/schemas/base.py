"""What all schemas share: short ways to write fields, and objects without unknown members."""

from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, fields


class Described(Schema):
    """An object, such as a form or the query of an address; what it has besides is ignored.

    `constraints` are JSON Schema's words for what members cannot say alone.
    """

    constraints: ClassVar[dict[str, Any]] = {}

    class Meta:
        """Other members do no harm."""

        unknown = EXCLUDE


class Strict(Described):
    """An object that has no other members."""

    class Meta:
        """No other members."""

        unknown = RAISE


class Answer(Strict):
    """What every answer has."""

    request_id = fields.String(
        required=True,
        metadata={
            "description": "The name of this request, as in the header X-Request-Id.",
            "examples": ["2480d87b9d754f838b78cdc2204d80f6"],
        },
    )


class Indexed(Answer):
    """An answer from the catalogue."""

    index_version = fields.Integer(
        required=True,
        metadata={"description": "The version of the store that answered.", "minimum": 0},
    )


def text(description: str, *examples: str, **keywords: object) -> fields.String:
    """Text that is always there."""
    return fields.String(required=True, **_said(description, examples, keywords))


def maybe_text(description: str, *examples: str, **keywords: object) -> fields.String:
    """Text that may be null."""
    return fields.String(required=True, allow_none=True, **_said(description, examples, keywords))


def given_text(description: str, *examples: str, **keywords: object) -> fields.String:
    """Text that a request may leave out."""
    return fields.String(**_said(description, examples, keywords))


def number(description: str, **keywords: object) -> fields.Float:
    """A number that is always there."""
    return fields.Float(required=True, **_said(description, (), keywords))


def whole(description: str, **keywords: object) -> fields.Integer:
    """A whole number that is always there."""
    return fields.Integer(required=True, **_said(description, (), keywords))


def given_whole(description: str, **keywords: object) -> fields.Integer:
    """A whole number that a request may leave out."""
    return fields.Integer(**_said(description, (), keywords))


def flag(description: str) -> fields.Boolean:
    """Yes or no."""
    return fields.Boolean(required=True, **_said(description, (), {}))


def _said(
    description: str, examples: tuple[str, ...], keywords: dict[str, object]
) -> dict[str, Any]:
    shown = {"examples": list(examples)} if examples else {}
    return {"metadata": {"description": description, **shown, **keywords}}
