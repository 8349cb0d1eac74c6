"""Answers that are read for a limited time: a server that trickles bytes is cut off."""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class TimedResponse(http.client.HTTPResponse):
    """An answer whose every byte, those of its headers too, has to come before a deadline.

    A socket's own time limit starts anew with each byte; this one does not.
    """

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        *,
        until: float,
        pause: float,
    ) -> None:
        """Read from a socket.

        Args:
            until: the deadline, in the seconds of `time.monotonic`.
            pause: the longest time without any byte, in seconds.
        """
        super().__init__(sock, debuglevel, method)
        self._source = _TimedReader(self.fp.detach(), sock, until, pause)
        self._buffer = _Buffer(self._source)
        self.fp = self._buffer

    @property
    def has_excess(self) -> bool:
        """Whether more had come than belongs to the answer, when it was closed."""
        return self._buffer.leftover

    def cut(self) -> None:
        """End the reading of another thread."""
        self._source.cut()


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, until: float, pause: float) -> None:
        self._raw, self._socket, self._until, self._pause = raw, sock, until, pause
        self._patient = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any writable buffer
        self._socket.settimeout(self._time_left() if self._patient else 0)
        return self._raw.readinto(buffer)

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Read only what has come; nothing more is no error."""
        self._patient = False
        with suppress(OSError):
            yield
        with suppress(OSError):
            self._socket.settimeout(self._pause)

    def cut(self) -> None:
        with suppress(OSError):  # not through TLS: another thread is inside
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _time_left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        return min(left, self._pause)


class _Buffer(io.BufferedReader):
    """Notes, when it is closed, whether bytes had come that nobody asked for."""

    leftover = False

    def __init__(self, source: _TimedReader) -> None:
        super().__init__(source)
        self._source = source

    def close(self) -> None:
        if not self.closed:
            with self._source.without_waiting():
                self.leftover = bool(self.peek(1))
        super().close()
