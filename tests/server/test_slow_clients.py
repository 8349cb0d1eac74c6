"""Clients that say nothing, all too slowly, or nonsense, keep nobody from being answered."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.live_server import LiveServer, live_server
from tests.server.live import call, wait_until

MANY = 100
HEAD = b"POST /api/v1/search HTTP/1.1\r\nHost: shop\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\n"
CHUNKED = b"Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def server(shop_store: Path, tmp_path: Path) -> Iterator[LiveServer]:
    photos = str(tmp_path / "photos")
    with live_server(threads=None, STORE=str(shop_store), PHOTOS=photos, DETECTOR="none") as server:
        yield server


@contextmanager
def slow_clients(server: LiveServer, said: bytes, count: int) -> Iterator[list[socket.socket]]:
    where = urlsplit(server.address)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((where.hostname, where.port), 30))
            for _ in range(count)
        ]
        for client in clients:
            client.sendall(said)
        yield clients


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", HEAD, HEAD + FORM], ids=["nothing", "a head", "a body"])
def test_many_slow_clients_keep_nobody_from_searching(
    server: LiveServer, mug_photo: bytes, said: bytes
) -> None:
    with slow_clients(server, said, MANY):
        time.sleep(1)
        for _ in range(3):
            assert call(server.address, "POST", "/search", image=mug_photo).status == 200


@pytest.mark.slow
def test_a_head_that_comes_in_pieces_is_answered(server: LiveServer) -> None:
    with slow_clients(server, b"GET /livez HTT", 1) as (client,):
        for piece in (b"P/1.1\r\nHost: s", b"hop\r\n", b"\r\n"):
            time.sleep(0.2)
            client.sendall(piece)
        assert client.recv(12) == b"HTTP/1.1 200"


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", HEAD], ids=["nothing", "a head"])
def test_a_client_that_says_too_little_for_seconds_is_left(server: LiveServer, said: bytes) -> None:
    with slow_clients(server, said, 1) as (client,):
        client.setblocking(False)
        wait_until(lambda: _is_closed(client), 20)


@pytest.mark.slow
def test_a_body_of_garbled_chunks_is_a_request_that_cannot_be_read(server: LiveServer) -> None:
    for chunks in (b"zz\r\nab", b"-1\r\na", b"2\r\nabcd", b"0\r\nno trailer\r\n\r\n"):
        with slow_clients(server, HEAD + CHUNKED + chunks, 1) as (client,):
            assert client.recv(12) == b"HTTP/1.1 400", chunks


def _is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
