"""Connections that the guard let through, kept open for the next picture of the same server."""

import functools
import http.client
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as AnswerTimeoutError

from features.errors import FetchTimeoutError, PictureFetchError, PictureTooLargeError
from features.pictures.address import WebAddress
from features.pictures.guard import AddressGuard
from features.pictures.patience import TimedResponse

_CHUNK = 1 << 16
_ERROR_PAGE_BYTES = 1 << 16
_IDLE_CONNECTIONS = 64


@dataclass(frozen=True)
class TimeLimits:
    """How long a server may take, in seconds: to connect, between bytes, for the whole answer."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True)
class Answer:
    """What a server said. The body is complete for status 200 and left out otherwise."""

    address: WebAddress
    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswerError(Exception):
    """No whole answer came from `host`.

    `again` says whether another attempt may help, `silent` that the server gave no sign of life.
    """

    def __init__(
        self, host: str, error: PictureFetchError, *, again: bool = True, silent: bool = True
    ) -> None:
        super().__init__(str(error))
        self.host, self.error, self.again, self.silent = host, error, again, silent


class Connections:
    """Asks servers, with the connections that are open where there are any; for many threads."""

    def __init__(self, guard: AddressGuard, limits: TimeLimits, max_bytes: int) -> None:
        self._guard = guard
        self._limits = limits
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._idle: deque[tuple[tuple[str, str, int], _Connection]] = deque()
        self._busy: set[_Connection] = set()
        self._closed = False

    def ask(self, address: WebAddress, headers: Mapping[str, str]) -> Answer:
        """One request and its answer; redirects are answers like others.

        Raises:
            FetchRefusedError: the guard lets no connection through.
            PictureTooLargeError: the body is above the byte limit.
            NoAnswerError: there was none, or not a whole one.
        """
        with _naming_failures(address), self._borrowed(address) as connection:
            response = connection.ask(address, headers)
            wanted = response.status == 200
            body = _read(response, self._max_bytes if wanted else _ERROR_PAGE_BYTES)
            if body is None or connection.has_excess:
                connection.close()
            if wanted and body is None:
                raise PictureTooLargeError(
                    f"{address} has more than the {self._max_bytes / 1e6:.1f} MB allowed; "
                    "link a smaller picture"
                )
            if wanted and connection.has_excess:
                raise _torn(address, "it is longer than announced")
            return Answer(address, response.status, response.headers, body or b"")

    def cut(self) -> None:
        """End all that is under way, and begin nothing more."""
        with self._lock:
            self._closed = True
            for connection in self._busy:
                connection.cut()

    def close(self) -> None:
        """`cut`, and close what is open."""
        self.cut()
        with self._lock:
            while self._idle:
                self._idle.pop()[1].close()

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made when it is needed: reading all certificates takes longer than a small picture."""
        return ssl.create_default_context()

    @contextmanager
    def _borrowed(self, address: WebAddress) -> Iterator["_Connection"]:
        """A connection; it is given back only after an answer that was read to its end."""
        connection = self._taken(address)
        try:
            yield connection
        except BaseException:
            self._release(connection)
            connection.close()
            raise
        self._release(connection)
        self._keep(address, connection)

    def _taken(self, address: WebAddress) -> "_Connection":
        with self._lock:
            connection = self._open_one(address) or self._new(address)
            if self._closed:
                connection.close()
                raise _torn(address, "the fetching was ended")
            self._busy.add(connection)
        return connection

    def _open_one(self, address: WebAddress) -> "_Connection | None":
        for entry in reversed(self._idle):
            if entry[0] == address.origin:
                self._idle.remove(entry)
                if entry[1].is_connected:
                    return entry[1]
                entry[1].close()
                return None
        return None

    def _new(self, address: WebAddress) -> "_Connection":
        if address.scheme == "http":
            return _Connection(self._guard, self._limits, address.host, address.port)
        return _TlsConnection(
            self._guard, self._limits, address.host, address.port, ssl_context=self._tls
        )

    def _release(self, connection: "_Connection") -> None:
        with self._lock:
            self._busy.discard(connection)

    def _keep(self, address: WebAddress, connection: "_Connection") -> None:
        with self._lock:
            self._idle.append((address.origin, connection))
            spare = None
            if self._closed or len(self._idle) > _IDLE_CONNECTIONS:
                _, spare = self._idle.pop() if self._closed else self._idle.popleft()
        if spare is not None:
            spare.close()


class _Connection(HTTPConnection):
    """A connection to an address that the guard has seen, and to no other."""

    def __init__(
        self,
        guard: AddressGuard,
        limits: TimeLimits,
        host: str,
        port: int,
        **options: Any,  # noqa: ANN401 - those of the class for TLS
    ) -> None:
        super().__init__(host, port, **options)
        self._guard = guard
        self._limits = limits
        self._until = 0.0
        self._answer: TimedResponse | None = None
        self._cut = False

    @property
    def has_excess(self) -> bool:
        """Whether the server sent more than its last answer."""
        return self._answer is not None and self._answer.has_excess

    def ask(self, address: WebAddress, headers: Mapping[str, str]) -> HTTPResponse:
        """Send a request and read the headers of the answer."""
        self._until = time.monotonic() + self._limits.total
        self.timeout = self._limits.read
        self.response_class = functools.partial(  # type: ignore[assignment]
            self._response, until=self._until, pause=self._limits.read
        )
        self._answer = None
        self.request(
            "GET", address.target, headers=headers, preload_content=False, decode_content=True
        )
        return self.getresponse()

    def cut(self) -> None:
        """End what another thread does with the connection."""
        self._cut = True
        answer, opened = self._answer, self.sock
        if answer is not None:
            answer.cut()
        elif opened is not None:
            with suppress(OSError):
                socket.socket.shutdown(opened, socket.SHUT_RDWR)

    def _response(self, *arguments: Any, **named: Any) -> TimedResponse:  # noqa: ANN401
        self._answer = TimedResponse(*arguments, **named)
        return self._answer

    def _new_conn(self) -> socket.socket:
        found = self._guard.addresses(self._dns_host, self.port)
        problem: OSError = OSError("no address")
        for family, address in found:
            try:
                return self._connected(family, address)
            except OSError as error:
                problem = error
        raise problem

    def _connected(self, family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
        left = self._until - time.monotonic()
        if left <= 0 or self._cut:
            raise TimeoutError("the time for the whole answer is over")
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.settimeout(min(left, self._limits.connect))
            opened.connect(address)
            if self._cut:
                raise TimeoutError("the fetching was ended")
        except BaseException:
            opened.close()
            raise
        return opened


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS; the certificate has to be valid for the host's name."""


def _read(response: HTTPResponse, most: int) -> bytes | None:
    """The body, unpacked if the server packed it unasked; None if it has more bytes than `most`."""
    if (response.length_remaining or 0) > most:
        return None
    body = bytearray()
    while part := response.read1(_CHUNK):
        body += part
        if len(body) > most:
            return None
    return bytes(body)


@contextmanager
def _naming_failures(address: WebAddress) -> Iterator[None]:
    """Turn what sockets, TLS and HTTP raise into what a shop can act on."""
    host = address.host
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        message = (
            f"{host} has no valid certificate ({error.verify_message}), so {address} is not "
            "fetched; have its certificate mended"
        )
        raise NoAnswerError(host, PictureFetchError(message), again=False) from error
    except socket.gaierror as error:
        message = f"no server has the name {host}; correct the address {address}, or try later"
        again = error.errno != socket.EAI_NONAME
        raise NoAnswerError(host, PictureFetchError(message), again=again) from error
    except (TimeoutError, AnswerTimeoutError) as error:
        message = f"{host} takes too long to send {address}; try again later"
        raise NoAnswerError(host, FetchTimeoutError(message)) from error
    except (http.client.IncompleteRead, HTTPError) as error:
        raise _torn(address, "it ended early or was garbled") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"{host} does not answer ({reason or error}); try again later"
        raise NoAnswerError(host, PictureFetchError(message)) from error


def _torn(address: WebAddress, reason: str) -> NoAnswerError:
    message = f"the answer of {address.host} for {address} is not whole: {reason}; try again later"
    return NoAnswerError(address.host, PictureFetchError(message), silent=False)
