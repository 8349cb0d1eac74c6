"""`POST /api/v1/events`: record what a shopper did with a widget."""

from flask import request

from server.telemetry.events import InvalidEventError, current_events, event_from

_MOST_BYTES = 8_000


def record() -> tuple[str, int]:
    """One event as JSON, whatever type the request claims: beacons send it as plain text."""
    body = request.stream.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise InvalidEventError(f"The event has more than {_MOST_BYTES} bytes.")
    current_events().append(event_from(body))
    return "", 204
