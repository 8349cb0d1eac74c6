"""What processes tell each other: a few named values as JSON, and bytes. Nothing is unpickled."""

import json
import os
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any

from features.json_text import read_json

_LENGTHS = Struct("<II")
_MOST_HEAD_BYTES = 1_000_000
_CHUNK = 1 << 20


class WireClosedError(Exception):
    """The other process is gone."""


class WireTooSlowError(Exception):
    """The other process took longer than it may."""


class WireMisusedError(Exception):
    """The other process said more than it may, or what makes no sense."""


@dataclass(frozen=True)
class Message:
    """A question or an answer."""

    head: Mapping[str, Any]
    body: bytes | bytearray = b""


@dataclass(frozen=True)
class Wire:
    """The two ends that a process reads from and writes to; both are set not to block."""

    readable: int
    writable: int

    def send(self, message: Message, until: float | None = None) -> None:
        """Say something.

        Args:
            until: when the patience ends, in seconds of `time.monotonic`; never if None.

        Raises:
            WireClosedError: nobody listens; WireTooSlowError: not in time.
        """
        head = json.dumps(dict(message.head)).encode()
        self._write(_LENGTHS.pack(len(head), len(message.body)) + head, until)
        self._write(message.body, until)

    def receive(self, most: int, until: float | None = None) -> Message:
        """Wait for what is said next.

        Args:
            most: bytes that a body may have.
            until: as of `send`.

        Raises:
            WireClosedError: nobody is there; WireTooSlowError: not in time.
            WireMisusedError: what came is no message, or too large.
        """
        head, body = _LENGTHS.unpack(self._read(_LENGTHS.size, until))
        if head > _MOST_HEAD_BYTES or body > most:
            raise WireMisusedError(f"a message of {head} and {body} bytes")
        try:
            said = read_json(self._read(head, until))
        except ValueError as error:
            raise WireMisusedError("a message that is no JSON") from error
        if not isinstance(said, dict):
            raise WireMisusedError("a message without named values")
        return Message(said, self._read(body, until))

    def is_spoken_to(self, within_s: float) -> bool:
        """Whether something comes, or the other end closes, within so many seconds."""
        return bool(select.select([self.readable], [], [], within_s)[0])

    def _read(self, count: int, until: float | None) -> bytearray:
        data = bytearray(count)
        left = memoryview(data)
        while left:
            _wait(self.readable, select.POLLIN, until)
            try:
                got = os.readv(self.readable, [left[:_CHUNK]])
            except BlockingIOError:
                continue
            if not got:
                raise WireClosedError
            left = left[got:]
        return data

    def _write(self, data: bytes | bytearray, until: float | None) -> None:
        left = memoryview(data)
        while left:
            _wait(self.writable, select.POLLOUT, until)
            try:
                left = left[os.write(self.writable, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise WireClosedError from error


def wire_between(readable: int, writable: int) -> Wire:
    """A wire over two open pipes, widened where the system allows it: pictures are large."""
    for end in (readable, writable):
        os.set_blocking(end, False)
        _widen(end)
    return Wire(readable, writable)


def _widen(end: int) -> None:
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _CHUNK)
        except OSError:  # beyond what this user may have: slower, no more
            return


def _wait(end: int, event: int, until: float | None) -> None:
    poll = select.poll()
    poll.register(end, event)
    left = None if until is None else (until - time.monotonic()) * 1000
    if left is not None and left <= 0:
        raise WireTooSlowError
    if not poll.poll(left):
        raise WireTooSlowError
