"""What shoppers' browsers and shops' programs send to the server, and what it says."""

import json
import urllib.error
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.request import Request

from scripts.live_server import HTTP, ServerFailedError

SEARCH_PATH = "/api/v1/search"
_WITHIN_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What the server said; a refusal is an answer too."""

    status: int
    body: bytes
    headers: Message

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever it is
        """What it says, where that is JSON."""
        return json.loads(self.body)


def answer_to(request: Request, within_s: float = _WITHIN_S) -> Answer:
    """The answer to a request, over a connection of its own: any worker may give it.

    Raises:
        OSError, HTTPException: there is none.
    """
    try:
        with HTTP.open(request, timeout=within_s) as answer:
            return Answer(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.read(), refused.headers)


def ask(request: Request) -> bytes:
    """The body of the server's answer.

    Raises:
        ServerFailedError: it refused, or did not answer in time.
    """
    try:
        answer = answer_to(request)
    except OSError as error:
        raise ServerFailedError(f"the server did not answer: {error}") from error
    if answer.status >= HTTPStatus.BAD_REQUEST:
        said = answer.body[:500].decode(errors="replace")
        raise ServerFailedError(f"the server answered {answer.status}: {said}")
    return answer.body


def multipart(fields: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The content type and the body of a form."""
    boundary = uuid.uuid4().hex
    parts = [
        *(_part(boundary, f'name="{name}"', text.encode()) for name, text in fields.items()),
        *(_part(boundary, f'name="{name}"; filename="photo"', d) for name, d in files.items()),
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join(
        [*parts, f"--{boundary}--\r\n".encode()]
    )


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"
