"""Whoever comes while too many search is refused at the door: from the request's head alone.

The ready answer is the one that Flask would give, at a tenth of its price, and no thread waits for
the body. Pages are left to Flask: they hold what was asked. See docs/serving.md.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

import structlog
from flask import Flask

from server.access.keys import KeyRing
from server.config import Settings
from server.errors import headers_of, problem, status_of
from server.telemetry import request_ids
from server.telemetry.exchange import Exchange, Listener
from server.traffic import cors, headers
from server.traffic.admission import SEARCHES, Gate
from server.traffic.busy import ServerBusyError

# A cache that asks whether its answer still holds costs no search, and Flask tells it.
_AT_THE_DOOR = SEARCHES - {"api.named_similar"}
_REQUEST = re.compile(rb"([A-Z]+) (/api/[^ ?]*)(?:\?[^ ]*)? HTTP/1\.[01]\r\n")
_HEADER = re.compile(
    rb"(?i)\r\n(content-length|origin|x-request-id):[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)"
)


@dataclass(frozen=True)
class Head:
    """What a request's head says of what matters here."""

    method: str
    path: str
    origin: str
    request_id: str
    received: int | None
    """Bytes of the body, if it says so."""

    @classmethod
    def of(cls, begun: bytes) -> "Head | None":
        """None where it is no whole head of a request of the API."""
        lines, ended, _ = begun.partition(b"\r\n\r\n")
        head = lines + b"\r\n"
        line = _REQUEST.match(head)
        if line is None or not ended:
            return None
        said = {name.lower(): text.decode("latin-1") for name, text in _HEADER.findall(head)}
        length = said.get(b"content-length", "")
        return cls(
            method=line[1].decode("latin-1"),
            path=line[2].decode("latin-1"),
            origin=said.get(b"origin", ""),
            request_id=request_ids.name_for(said.get(b"x-request-id", "")),
            received=int(length) if length.isdecimal() else None,
        )


class Door:
    """Refuses what the gates behind it would refuse. Thread-safe."""

    def __init__(self, app: Flask, *listeners: Listener) -> None:
        self._settings: Settings = app.extensions["settings"]
        self._keys: KeyRing = app.extensions["keys"]
        self._gates = _gates_of(app)
        self._listeners = listeners

    def refusal(self, begun: bytes) -> bytes | None:
        """The whole answer to a request that begins so; None lets it in."""
        head = Head.of(begun)
        gate = None if head is None else self._gates.get((head.method, head.path))
        if head is None or gate is None:
            return None
        try:
            gate.expect()
        except ServerBusyError as error:
            return self._refused(head, error)
        return None

    def _refused(self, head: Head, error: ServerBusyError) -> bytes:
        status = HTTPStatus(status_of(error))
        said = {**problem(status, error.code, str(error)), "request_id": head.request_id}
        body = json.dumps(said, separators=(",", ":")).encode() + b"\n"
        told = Exchange(
            head.path, head.method, status, 0.0, head.received, len(body), error.code, {}
        )
        with structlog.contextvars.bound_contextvars(request_id=head.request_id):
            for listener in self._listeners:
                listener(told)
        lines = {**headers_of(error), **self._headers(head), "Content-Length": str(len(body))}
        return _answer(status, lines, body)

    def _headers(self, head: Head) -> dict[str, str]:
        shared = {}
        if head.origin and self._may_see(head.origin.lower()):
            shared = cors.shared_with(head.origin)
        return {
            "Content-Type": "application/problem+json",
            "Vary": "Origin",
            request_ids.HEADER: head.request_id,
            **headers.SECURE,
            **shared,
        }

    def _may_see(self, origin: str) -> bool:
        """Whose key the request has is not looked up: that the server is busy is no secret."""
        own = self._settings.origins
        return origin in own or any(origin in key.origins for key in self._keys.keys)


def _gates_of(app: Flask) -> dict[tuple[str, str], Gate]:
    """By method and path: those of searches that have no argument."""
    gates: Mapping[str, Gate] = app.extensions["gates"]
    return {
        (method, rule.rule): gates[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if rule.endpoint in _AT_THE_DOOR and not rule.arguments and rule.methods
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def _answer(status: HTTPStatus, lines: Mapping[str, str], body: bytes) -> bytes:
    all_lines = {"Date": formatdate(usegmt=True), "Connection": "close", **lines}
    said = "".join(f"{name}: {value}\r\n" for name, value in all_lines.items())
    return f"HTTP/1.1 {status} {status.phrase}\r\n{said}\r\n".encode("latin-1") + body
