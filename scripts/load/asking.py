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
_END = b"\r\n\r\n"
CHUNK = 65_536
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
    where, incoming, answer = urlsplit(address), Incoming(), None
    try:
        with socket.create_connection((where.hostname, where.port or 80), _TIMEOUT_S) as server:
            with suppress(BrokenPipeError, ConnectionResetError):
                server.sendall(request_of(question))
            while answer is None:
                answer = incoming.take(server.recv(CHUNK))
            return answer
    except OSError as error:
        return incoming.failed(error)


class Incoming:
    """An answer that is being received."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._received = bytearray()
        self._whole: int | None = None

    def take(self, data: bytes) -> Answer | None:
        """The answer, once it is whole, or cut off: no data."""
        self._received += data
        if self._whole is None:
            self._whole = _length(self._received)
        if self._whole is not None and len(self._received) >= self._whole:
            head, _, said = bytes(self._received).partition(_END)
            return Answer(int(head[9:12]), self._ms(), said, again=b"\r\nRetry-After: " in head)
        if data:
            return None
        start = bytes(self._received[:200])
        return Answer(0, self._ms(), problem=f"the answer was cut off: {start!r}")

    def failed(self, error: OSError) -> Answer:
        """There is none."""
        return Answer(0, self._ms(), problem=f"{type(error).__name__}: {error}")

    def _ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000


def request_of(question: Question) -> bytes:
    """What is sent."""
    headers = {
        **question.headers,
        "Host": "shop",
        "Connection": "close",
        "Content-Length": str(len(question.body)),
        **({"Content-Type": question.kind} if question.kind else {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{question.method} {question.path} HTTP/1.1\r\n{lines}\r\n".encode() + question.body


def _length(received: bytearray) -> int | None:
    """Of the whole answer, once its head is there."""
    head, ended, _ = received.partition(_END)
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head) if ended else None
    return len(head) + len(_END) + int(length[1]) if length else None
