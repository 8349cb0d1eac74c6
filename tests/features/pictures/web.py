"""A true web server on this machine that answers as a test tells it to, byte by byte if need be."""

import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Headers = dict[str, str]


@dataclass(frozen=True)
class Request:
    """What a client sent; `connection` is the number of its connection, from 1."""

    method: str
    path: str
    headers: Headers
    connection: int


@dataclass(frozen=True)
class Reply:
    """An answer in pieces; `pause` seconds lie before each. Open after it unless `close`."""

    pieces: tuple[bytes, ...]
    pause: float = 0.0
    close: bool = False


Answerer = Callable[[Request], Reply]


def reply(status: int = 200, body: bytes = b"", close: bool = False, **headers: str) -> Reply:
    """A proper answer; header names with _ for -. A client is told that the connection closes,
    or its next request may meet the closing."""
    lines = {"Content-Length": str(len(body)), **headers}
    if close:
        lines["Connection"] = "close"
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return Reply((f"HTTP/1.1 {status} -\r\n{head}\r\n".encode() + body,), close=close)


@dataclass
class Web:
    """A running server: its address, and what it has seen."""

    port: int
    answer: Answerer
    scheme: str = "http"
    host: str = "127.0.0.1"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "/a.png", host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


@contextmanager
def serving(answer: Answerer, certificate: Path | None = None) -> Iterator[Web]:
    """Run a server on 127.0.0.1; with a certificate (and key in the same file) it speaks TLS."""
    server = _Server(("127.0.0.1", 0), _Handler)
    scheme = "http" if certificate is None else "https"
    server.web = Web(server.server_address[1], answer, scheme)
    if certificate is not None:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    web: Web
    tls: ssl.SSLContext | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        web = self.server.web
        with web.lock:
            web.connections += 1
            number = web.connections
        self.request.settimeout(5)
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        with self.request, self.request.makefile("rb") as lines:
            while (request := _read(lines, number)) is not None:
                if not self._answer(web, request):
                    break

    def _answer(self, web: Web, request: Request) -> bool:
        with web.lock:
            web.requests.append(request)
            web.at_once += 1
            web.most_at_once = max(web.most_at_once, web.at_once)
        answer = web.answer(request)
        pieces = (_head(answer),) if request.method == "HEAD" else answer.pieces
        try:
            for piece in pieces:
                time.sleep(answer.pause)
                with web.lock:
                    web.at_once -= piece is pieces[-1]
                self.request.sendall(piece)
        except OSError:
            return False
        return not answer.close


def _head(answer: Reply) -> bytes:
    """An answer without its body, which nobody reads after HEAD and which would be the next one."""
    head, end, _ = b"".join(answer.pieces).partition(b"\r\n\r\n")
    return head + end


def _read(lines: Any, number: int) -> Request | None:
    try:
        first = lines.readline().decode().split()
        headers = {}
        while line := lines.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
    except OSError:
        return None
    return Request(first[0], first[1], headers, number) if first else None
