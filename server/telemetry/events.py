"""What shoppers did with the widgets, as JSON lines: a file a day, nothing about the shopper."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app

from features.errors import VisualSearchError
from server.query.json_bodies import json_object

TYPES = ("render", "click", "open", "search")
_WIDGET = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LONGEST_ID = 500
_LAST_POSITION = 10_000
_DAYS_MOST_BYTES = 200_000_000


class InvalidEventError(VisualSearchError):
    """An event that says something else than events may."""

    code = "invalid_event"


class EventsNotKeptError(VisualSearchError):
    """The folder of events cannot be written."""

    code = "events_not_kept"


@dataclass(frozen=True)
class Event:
    """One thing that happened: `source_id` is the product of the page, `product_id` the found one.

    `position` counts from 1.
    """

    type: str
    product_id: str | None = None
    source_id: str | None = None
    position: int | None = None
    widget: str | None = None


class EventLog:
    """Appends to `events-YYYY-MM-DD.jsonl` (UTC); several processes may.

    A day's file stops growing at a limit: anybody may send events, but not fill the disk.
    """

    def __init__(self, folder: Path | None, days_most_bytes: int = _DAYS_MOST_BYTES) -> None:
        self._folder = folder
        self._days_most_bytes = days_most_bytes

    def append(self, event: Event, now: datetime | None = None) -> None:
        """Write one line; nothing happens where no folder is set.

        Raises:
            EventsNotKeptError: the folder cannot be written.
        """
        if self._folder is None:
            return
        now = now or datetime.now(UTC)
        facts = {name: value for name, value in asdict(event).items() if value is not None}
        moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": moment, **facts}, ensure_ascii=False) + "\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(self._folder / f"events-{now:%Y-%m-%d}.jsonl", line.encode())
        except OSError as error:
            raise EventsNotKeptError(f"cannot write events to {self._folder}: {error}") from error

    def _write(self, path: Path, line: bytes) -> None:
        # One write at the end of the file: lines of several processes never mix.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            if os.fstat(file).st_size + len(line) <= self._days_most_bytes:
                os.write(file, line)
        finally:
            os.close(file)


def event_from(body: bytes) -> Event:
    """The event of a request's body.

    Raises:
        InvalidEventError: it is no JSON object of the known fields.
    """
    fields = json_object(body, "event", InvalidEventError, instead="Send the event as JSON.")
    unknown = sorted(set(fields) - set(Event.__dataclass_fields__))
    if unknown:
        raise InvalidEventError(f"There is no field {unknown[0][:40]!r} in an event.")
    kind = fields.get("type")
    if kind not in TYPES:
        raise InvalidEventError(f"type must be one of {', '.join(TYPES)}.")
    return Event(
        type=kind,
        product_id=_id(fields, "product_id"),
        source_id=_id(fields, "source_id"),
        position=_position(fields.get("position")),
        widget=_widget(fields.get("widget")),
    )


def current_events() -> EventLog:
    """The running application's log of events."""
    log: EventLog = current_app.extensions["events"]
    return log


def _id(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_ID or not _is_text(value):
        raise InvalidEventError(f"{name} must be text of 1 to {_LONGEST_ID} characters.")
    return value


def _is_text(value: str) -> bool:
    """JSON may hold half a character (a lone surrogate), which no file can."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in value)


def _position(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():  # JSON's 3.0 is a whole number
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LAST_POSITION:
        raise InvalidEventError(f"position must be a whole number from 1 to {_LAST_POSITION}.")
    return value


def _widget(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _WIDGET.fullmatch(value):
        raise InvalidEventError("widget must be a name such as similar-products.")
    return value
