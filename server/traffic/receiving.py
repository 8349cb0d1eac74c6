"""Bodies that are being received: where they are too many, the slowest makes room.

A thread reads a body as slowly as its client sends it. Clients that send almost nothing would take
all threads of a worker; here they take half of them, and only while nobody else needs those.
"""

import fcntl
import io
import socket
import ssl
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from flask import Flask, Request, current_app, g, request
from gunicorn.http.errors import ParseException

from server.traffic.busy import UploadsBusyError

_AT_ONCE = 16
_FAIR_S = 0.5
"""So long nobody is called slow."""
_SLOW = 50_000
"""Bytes a second; who sends more keeps its place."""
_LOT = 1_048_576
"""Bytes that are fetched at once where they have come."""
_KEY = "gunicorn.socket"


@dataclass(eq=False)
class Body:
    """A body that is being read, in place of the stream that it comes from."""

    read_some: Callable[[int], bytes]
    connection: socket.socket | None = None
    length: int | None = None
    """Bytes that will come; None where only their end tells."""
    received: int = 0
    since: float = field(default_factory=time.monotonic)
    ended: bool = False
    """Nothing of it is waited for any more, whatever is still done for its request."""
    _at_hand: io.BytesIO = field(default_factory=io.BytesIO)

    def read(self, size: int = -1) -> bytes:
        """As of any stream. What has come is fetched whole: forms are read in small pieces."""
        if size < 0:
            return self._at_hand.read() + self._fetched(size)
        if not (data := self._at_hand.read(size)) and size:
            lot = self._fetched(max(size, min(self._waiting(), _LOT)))
            data, self._at_hand = lot[:size], io.BytesIO(lot[size:])
        return data

    def _fetched(self, size: int) -> bytes:
        try:
            data = self.read_some(size)
        except ParseException as error:  # Flask knows what a stream may raise
            raise OSError("the chunks of the body are none") from error
        self.received += len(data)
        self.ended = not data or size < 0 or self.received == self.length
        return data

    def _waiting(self) -> int:
        """Bytes of it that the system holds; 0 where it holds them in another form."""
        if self.connection is None or self.length is None:
            return 0
        if isinstance(self.connection, ssl.SSLSocket):
            return 0
        count = fcntl.ioctl(self.connection, termios.FIONREAD, bytes(4))
        return int.from_bytes(count, sys.byteorder)

    @property
    def rate(self) -> float:
        """Bytes a second so far."""
        return self.received / max(time.monotonic() - self.since, 1e-9)

    @property
    def is_slow(self) -> bool:
        """Whether it may be given up for another one."""
        return time.monotonic() - self.since > _FAIR_S and self.rate < _SLOW

    def give_up(self) -> None:
        """Whoever reads it finds its end."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RD)


class Receiving:
    """The bodies that a process receives now. Thread-safe."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._bodies: set[Body] = set()
        self._lock = threading.Lock()

    def begin(self, body: Body) -> None:
        """Receive one more.

        Raises:
            UploadsBusyError: they are too many, and none of them is slow.
        """
        with self._lock:
            self._bodies = {known for known in self._bodies if not known.ended}
            if len(self._bodies) >= self._at_once:
                self._make_room()
            self._bodies.add(body)

    def end(self, body: Body) -> None:
        """It is there, or never will be."""
        with self._lock:
            self._bodies.discard(body)

    def _make_room(self) -> None:
        slow = [body for body in self._bodies if body.is_slow]
        if not slow:
            raise UploadsBusyError("Too many photos are being sent at once; try again soon.")
        slowest = min(slow, key=lambda body: body.rate)
        slowest.give_up()
        self._bodies.discard(slowest)


def register(app: Flask) -> None:
    """Watch the bodies of all requests."""
    receiving = app.extensions["receiving"] = Receiving()

    def begin() -> None:
        if request.content_length == 0 or not (request.content_length or _is_chunked(request)):
            return
        read, connection = request.environ["wsgi.input"].read, request.environ.get(_KEY)
        body = Body(read, connection, request.content_length)
        try:
            receiving.begin(body)
        except UploadsBusyError:
            body.give_up()  # its rest would keep this thread
            raise
        request.environ["wsgi.input"] = g.body = body

    def end(_: BaseException | None) -> None:
        received()

    app.before_request(begin)
    app.teardown_request(end)


def received() -> None:
    """The body of the request at hand has been read: it takes nobody's place any more."""
    if "body" in g:
        receiving: Receiving = current_app.extensions["receiving"]
        receiving.end(g.pop("body"))


def _is_chunked(asked: Request) -> bool:
    return "chunked" in asked.headers.get("Transfer-Encoding", "").lower()
