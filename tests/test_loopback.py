"""The server of the tests cleans up after visitors who leave."""

import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from tests.loopback import served


class _Body:
    """A body that is sent whole, and ends after its visitor has left."""

    def __init__(self) -> None:
        self.left = threading.Event()
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        yield b"A picture!"
        self.left.wait(10)

    def close(self) -> None:
        """Say that the server is done with it."""
        self.closed.set()


def test_a_body_is_closed_when_the_visitor_resets_the_connection() -> None:
    body = _Body()

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "10")])
        return body

    with served(app) as address:
        visitor = socket.create_connection(("127.0.0.1", urlsplit(address).port or 0))
        visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
        received = visitor.makefile("rb")
        while received.read(1) != b"!":
            pass
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        received.close()
        visitor.close()
        body.left.set()

        assert body.closed.wait(10)
