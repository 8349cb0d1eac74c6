"""Collections."""

from marshmallow import fields

from features.collections import LONGEST_NAME
from features.jobs import JobState
from server.openapi.schemas.base import Described, Indexed, Strict, maybe_text, text, whole
from server.openapi.schemas.jobs import Job


class Collection(Strict):
    """Pictures that are searched on their own."""

    id = text("For `collection` in searches.", "0123456789abcdef")
    name = text("", "Holiday")
    created = text("UTC.", format="date-time")
    pictures = whole("How many can be searched.", minimum=0)
    state = maybe_text(
        "Of its latest import; null once that is forgotten.",
        enum=[*(state.value for state in JobState), None],
    )
    job_id = maybe_text("Its latest import.", "20260101120000000000-0123abcd")
    search_url = text("The page that searches it.", "/search?collection=0123456789abcdef")


class CollectionAnswer(Indexed):
    """One collection."""

    collection = fields.Nested(Collection, required=True)
    job = fields.Nested(
        Job,
        required=True,
        allow_none=True,
        metadata={"description": "Its latest import, with the files that were not used."},
    )


class CollectionsAnswer(Indexed):
    """All collections."""

    collections = fields.List(fields.Nested(Collection), required=True)


class CollectionDeleted(Indexed):
    """A collection that is gone."""

    deleted = text("Its id.", "0123456789abcdef")


def _name() -> fields.String:
    return fields.String(
        required=True,
        metadata={
            "description": "What people call it; no other collection may have it.",
            "minLength": 1,
            "maxLength": LONGEST_NAME,
            "format": "collection-name",
            "examples": ["Holiday"],
        },
    )


class CollectionForm(Described):
    """A new collection."""

    name = _name()
    archive = fields.Raw(
        required=True,
        metadata={"type": "string", "format": "binary", "description": "A ZIP of pictures."},
    )


class CollectionName(Strict):
    """Another name."""

    name = _name()
