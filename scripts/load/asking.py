"""One request of a shopper over a connection of its own, and what becomes of it."""

import http.client
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 120.0
_BUSY = {"server_busy", "uploads_busy", "store_locked"}
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
        with suppress(ValueError, KeyError, TypeError):
            if self.again and self.json["code"] in _BUSY:
                return Outcome.REFUSED
        return Outcome.FAILED


def ask(address: str, question: Question) -> Answer:
    """Send a request and read the answer; a refusal may come before all of it is sent."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=_TIMEOUT_S)
    headers = {**question.headers, "Connection": "close"}
    if question.kind:
        headers["Content-Type"] = question.kind
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(question.method, question.path, question.body or None, headers)
        answer = connection.getresponse()
        said, again = answer.read(), "Retry-After" in answer.headers
        return Answer(answer.status, _since(started), said, again=again)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, _since(started), problem=f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
