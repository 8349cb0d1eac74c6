"""Clients that say nothing, or a byte a second, and come back when they are left."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from scripts.asking import SEARCH_PATH

_EVERY_S = 1.0
_HEAD = f"POST {SEARCH_PATH} HTTP/1.1\r\nHost: shop\r\nX-Slow: ".encode()
_BODY = (
    _HEAD + b"x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
)
_KINDS = (b"", _HEAD, _BODY)


@contextmanager
def slow_clients(address: str, count: int) -> Iterator[None]:
    """So many of them, by turns of each kind, until the block ends."""
    over = threading.Event()
    clients = [
        threading.Thread(target=_trickle, args=(address, _KINDS[n % len(_KINDS)], over))
        for n in range(count)
    ]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        over.set()
        for client in clients:
            client.join()


def _trickle(address: str, said: bytes, over: threading.Event) -> None:
    where = urlsplit(address)
    while not over.is_set():
        with ExitStack() as stack, suppress(OSError):
            client = stack.enter_context(
                socket.create_connection((where.hostname, where.port or 80), 30)
            )
            client.settimeout(_EVERY_S)
            client.sendall(said)
            while not over.wait(_EVERY_S) and not _is_left(client):
                client.sendall(b"x" if said else b"")
        over.wait(_EVERY_S)


def _is_left(client: socket.socket) -> bool:
    try:
        return client.recv(1_000, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
