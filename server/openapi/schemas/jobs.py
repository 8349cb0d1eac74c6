"""Imports, and what shoppers did with the widgets."""

from marshmallow import fields

from features.jobs import JobState
from server.openapi.schemas.base import (
    Indexed,
    Strict,
    given_text,
    maybe_text,
    text,
    whole,
)
from server.telemetry.events import TYPES


class Progress(Strict):
    """How far a job is."""

    done = whole("Products.", minimum=0)
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null until it is known.", "minimum": 0},
    )


class RowFailure(Strict):
    """A row or picture of the feed that was not used."""

    line = fields.Integer(required=True, allow_none=True)
    code = text("As of an error.", "broken_picture")
    detail = text("What is wrong with it.")


class ListedJob(Strict):
    """An import. Times are UTC."""

    id = text("", "20260101120000000000-0123abcd")
    name = text("The feed's file name.", "shop.zip")
    state = text("The last three are final.", enum=[state.value for state in JobState])
    created = maybe_text("", format="date-time")
    started = maybe_text("", format="date-time")
    finished = maybe_text("", format="date-time")
    progress = fields.Nested(Progress, required=True)
    result = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "What was done, by extractor."},
    )
    rows_failed = whole("How many rows were not used.", minimum=0)
    code = maybe_text("Why it failed, or what it waits for.", "store_locked")
    detail = maybe_text("The same in words.")


class Job(ListedJob):
    """An import with the first rows that failed."""

    failed = fields.List(fields.Nested(RowFailure), required=True)


class JobAnswer(Indexed):
    """One import."""

    job = fields.Nested(Job, required=True)


class JobsAnswer(Indexed):
    """The latest imports."""

    jobs = fields.List(fields.Nested(ListedJob), required=True)


class FeedForm(Strict):
    """A feed or ZIP with its options."""

    feed = fields.Raw(
        required=True,
        metadata={
            "type": "string",
            "format": "binary",
            "description": "A CSV or XML file, also packed with gzip, or a ZIP.",
            "examples": ["id,Name,image\nmug-100,Blue Mug,https://shop.example/mug-100.jpg\n"],
        },
    )
    format = given_text("Only where it is not recognised.", "csv", format="feed-format")
    currency = given_text("Of prices that name none: ISO 4217.", "EUR", format="currency")
    store_url = given_text(
        "The shop's address, for feeds without addresses.", "https://shop.example", format="uri"
    )
    encoding = given_text("Of a table that is not UTF-8.", "windows-1252", format="encoding")
    keep_missing = given_text(
        "`true` keeps products that the feed does not name.", enum=["true", "false"]
    )
    map = fields.List(
        fields.String(metadata={"format": "column-map"}),
        metadata={
            "description": "Our column, an equals sign, the feed's header.",
            "examples": [["title=Name"]],
        },
    )


class Event(Strict):
    """One thing that a shopper did."""

    type = text("", enum=list(TYPES))
    product_id = fields.String(
        allow_none=True,
        metadata={"description": "The product found.", "minLength": 1, "maxLength": 500},
    )
    source_id = fields.String(
        allow_none=True,
        metadata={"description": "The product of the page.", "minLength": 1, "maxLength": 500},
    )
    position = fields.Integer(
        allow_none=True,
        metadata={"description": "In the list, from 1.", "minimum": 1, "maximum": 10_000},
    )
    widget = fields.String(
        allow_none=True,
        metadata={"pattern": "^[a-z][a-z0-9-]{0,39}$", "examples": ["similar-products"]},
    )
