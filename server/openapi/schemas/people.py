"""People: what a photo finds, and what is kept of a subject."""

from typing import Any

from marshmallow import fields

from server.openapi.schemas.base import (
    Answer,
    Described,
    Strict,
    flag,
    given_whole,
    maybe_text,
    number,
    text,
    whole,
)

_PICTURE = "a9d0836ab80445c601b950c905426f3a"


def _box(of: str) -> fields.List[Any]:
    return fields.List(
        fields.Float(metadata={"minimum": 0, "maximum": 1}),
        required=True,
        metadata={
            "description": f"The face {of}: left, top, right and bottom, shares of its sides.",
            "minItems": 4,
            "maxItems": 4,
        },
    )


class SubjectPath(Described):
    """The subject of an address."""

    subject = fields.String(
        required=True,
        metadata={
            "description": "A person, or a group that agreed together.",
            "minLength": 1,
            "maxLength": 100,
            "pattern": r"^[^/\x00-\x1f]+$",
            "examples": ["ann"],
        },
    )


class PeopleForm(Described):
    """A photo, which is not kept."""

    image = fields.Raw(
        required=True,
        metadata={
            "type": "string",
            "format": "binary",
            "description": "The photo, as a file: JPEG, PNG, WebP, GIF, AVIF, HEIC.",
        },
    )
    face = given_whole("Only this face, counted from 0 on the left.", minimum=0)
    limit = given_whole("How many pictures of each face.", minimum=1, maximum=100, default=20)


class PersonMatch(Strict):
    """A picture of the same person, by the nearest of its faces."""

    picture = text("The hash of the picture's bytes.", _PICTURE)
    image_url = maybe_text("Where it is shown; null where only admins search.")
    box = _box("in it")
    distance = number("Euclidean.", minimum=0)
    subject = maybe_text("Who was enrolled with it; null without an admin key.", "ann")
    location = maybe_text("Where the picture lies; null without an admin key.")


class FoundFace(Strict):
    """A face of the photo."""

    face = whole("Its number, counted from 0 on the left.", minimum=0)
    box = _box("in the photo")
    known = flag("Whether anybody who is enrolled is near enough; else the face is unknown.")
    matches = fields.List(
        fields.Nested(PersonMatch), required=True, metadata={"description": "Nearest first."}
    )


class PeopleAnswer(Answer):
    """The faces of a photo; none where it shows none."""

    threshold = number("The largest distance of a match.", minimum=0)
    faces = fields.List(
        fields.Nested(FoundFace), required=True, metadata={"description": "From left to right."}
    )


class KeptFace(Strict):
    """A face that is kept."""

    picture = text("The hash of the picture's bytes.", _PICTURE)
    location = text("Where the picture lies.", "/data/lookbook/ann-1.jpg")
    box = _box("in it")
    enrolled = text("When, in UTC.", "2026-01-01T12:00:00+00:00")


class SubjectAnswer(Answer):
    """What is kept of a subject."""

    subject = text("The subject.", "ann")
    faces = fields.List(
        fields.Nested(KeptFace), required=True, metadata={"description": "In order of enrolment."}
    )


class SubjectDeleted(Answer):
    """What was deleted."""

    deleted = text("The subject.", "ann")
    faces = whole("How many faces of it were kept.", minimum=1)
