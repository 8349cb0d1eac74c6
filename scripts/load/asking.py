"""One request of a shopper over a connection of its own, and what becomes of it."""

import json
import re
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 120.0
_CHUNK = 65_536
_REFUSALS = {(503, ""), (503, "server_busy"), (503, "uploads_busy"), (409, "store_locked")}
_OURS = {HTTPStatus.OK, HTTPStatus.CREATED}


class Outcome(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Question:
    """A request, and the name of the photo in it."""

    method: str
    path: str
    kind: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    photo: str = ""


@dataclass(frozen=True)
class Answer:
    """What the server said, and after how many milliseconds. Status 0: nothing."""

    status: int
    ms: float
    said: bytes = b""
    problem: str = ""
    again: bool = False
    """Whether it says when to come again."""

    @property
    def json(self) -> dict[str, Any]:
        """What it says, where that is JSON."""
        said: dict[str, Any] = json.loads(self.said)
        return said

    @property
    def outcome(self) -> Outcome:
        """Refused is only who is told to come again."""
        if self.status in _OURS:
            return Outcome.ACCEPTED
        refused = self.again and (self.status, self.code) in _REFUSALS
        return Outcome.REFUSED if refused else Outcome.FAILED

    @property
    def code(self) -> str:
        """The problem's code; empty on pages."""
        with suppress(ValueError, KeyError, TypeError):
            return str(self.json["code"])
        return ""


def ask(address: str, question: Question) -> Answer:
    """Send a request and read the answer; a refusal may come before all of it is sent.

    By hand: the clients have the same cores as the server, and `http.client` took as much of them
    as refusing did.
    """
    where, started = urlsplit(address), time.perf_counter()
    try:
        with socket.create_connection((where.hostname, where.port or 80), _TIMEOUT_S) as server:
            with suppress(BrokenPipeError, ConnectionResetError):
                server.sendall(_request(question))
            return _answer(b"".join(iter(lambda: server.recv(_CHUNK), b"")), started)
    except OSError as error:
        return Answer(0, _since(started), problem=f"{type(error).__name__}: {error}")


def _request(question: Question) -> bytes:
    headers = {
        **question.headers,
        "Host": "shop",
        "Connection": "close",
        "Content-Length": str(len(question.body)),
        **({"Content-Type": question.kind} if question.kind else {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{question.method} {question.path} HTTP/1.1\r\n{lines}\r\n".encode() + question.body


def _answer(received: bytes, started: float) -> Answer:
    """What was received until the server closed."""
    head, _, said = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    if not length or int(length[1]) != len(said):
        return Answer(0, _since(started), problem=f"the answer was cut off: {received[:200]!r}")
    return Answer(int(head[9:12]), _since(started), said, again=b"\r\nRetry-After: " in head)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
