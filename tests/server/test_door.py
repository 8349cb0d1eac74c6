"""The door: what would be refused is refused from its head alone, as Flask would."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from features.search import SearchService
from scripts.live_server import LiveServer, live_server
from server.access.keys import KeyKind, KeyRing
from server.config import Settings
from server.traffic.door import Door
from tests.server.conftest import computing_app
from tests.server.live import call, wait_until

ORIGIN, OTHER = "https://shop.example", "https://other.example"
OF_EACH_CONNECTION = {"Date", "Connection"}
OF_THE_LIMITER = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}


@dataclass(frozen=True)
class Refusal:
    """What the door says, taken apart."""

    status: str
    headers: dict[str, str]
    said: dict[str, Any]


def refused(app: Flask, line: str, *headers: str, rest: bytes = b"") -> Refusal:
    answer = at_the_door(app, line, *headers, rest=rest)
    assert answer is not None
    head, _, body = answer.decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    told = dict(line.split(": ", 1) for line in lines)
    assert int(told["Content-Length"]) == len(body)
    return Refusal(status, told, json.loads(body))


def at_the_door(app: Flask, line: str, *headers: str, rest: bytes = b"") -> bytes | None:
    door: Door = app.extensions["door"]
    lines = (f"{line} HTTP/1.1", "Host: localhost", *headers, "", "")
    return door.refusal("\r\n".join(lines).encode() + rest)


@pytest.fixture
def full(settings: Settings, service: SearchService, tmp_path: Path) -> Iterator[Flask]:
    """An application that computes for another request, and lets none wait."""
    keys = tmp_path / "keys.json"
    KeyRing(keys).create(KeyKind.PUBLIC, "a shop's pages", ["https://keyed.example"])
    settings = replace(settings, at_once=1, waiting=0, origins=(ORIGIN,), keys=keys)
    with computing_app(settings, service) as app:
        yield app


def test_the_door_says_what_flask_would_say(full: Flask) -> None:
    named = {"X-Request-Id": "a-name-of-the-proxy", "Origin": ORIGIN}
    by_flask = full.test_client().post(
        "/api/v1/search",
        data=b"x",
        headers=named,
        content_type="multipart/form-data; boundary=b",
    )
    lines = [f"{name}: {text}" for name, text in named.items()]
    by_door = refused(full, "POST /api/v1/search", *lines, "Content-Length: 1")
    assert by_door.status.upper() == f"HTTP/1.1 {by_flask.status}"
    assert by_door.said == by_flask.get_json()
    expected = {name: text for name, text in by_flask.headers if name not in OF_THE_LIMITER}
    told = {name: by_door.headers[name] for name in by_door.headers.keys() - OF_EACH_CONNECTION}
    assert told == expected


@pytest.mark.parametrize(
    ("origin", "may_see"),
    [(ORIGIN, True), ("https://keyed.example", True), (OTHER, False)],
)
def test_the_pages_of_the_shop_see_that_they_are_refused(
    full: Flask, origin: str, may_see: bool
) -> None:
    told = refused(full, "POST /api/v1/search", f"Origin: {origin}").headers
    assert told.get("Access-Control-Allow-Origin") == (origin if may_see else None)
    assert told["Vary"] == "Origin"


def test_requests_that_end_before_their_search_take_nobodys_place(app: Flask) -> None:
    client = app.test_client()
    for _ in range(20):
        assert at_the_door(app, "POST /api/v1/search") is None
        assert client.post("/api/v1/search", data={"limit": "none"}).status_code == 400
        assert at_the_door(app, "GET /api/v1/search?q=mug&limit=none") is None
        assert client.get("/api/v1/search?q=mug&limit=none").status_code == 400


@pytest.mark.parametrize(
    "line",
    [
        "POST /api/v1/search",
        "POST /api/v1/search?limit=3",
        "GET /api/v1/search?q=mug",
        "POST /api/v1/detect",
        "POST /api/v1/compare",
        "POST /api/v1/people/search",
    ],
)
def test_every_search_of_the_api_is_refused_there(full: Flask, line: str) -> None:
    assert refused(full, line).said["code"] == "server_busy"


@pytest.mark.parametrize(
    "line",
    [
        "GET /",
        "POST /search",
        "GET /livez",
        "GET /api/v1/stats",
        "GET /api/v1/similar?product_id=mug-001",
        "PUT /api/v1/product?product_id=mug-001",
        "OPTIONS /api/v1/search",
        "DELETE /api/v1/search",
        "POST /api/v1/nothing",
        "PRI *",
    ],
)
def test_all_else_is_left_to_flask(full: Flask, line: str) -> None:
    assert at_the_door(full, line) is None


def test_a_head_that_has_no_end_is_left_to_the_server(full: Flask) -> None:
    door: Door = full.extensions["door"]
    assert door.refusal(b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\n") is None


def test_what_a_body_says_is_no_header(full: Flask) -> None:
    body = f"\r\nOrigin: {ORIGIN}\r\n\r\n".encode()
    told = refused(full, "POST /api/v1/search", rest=body).headers
    assert "Access-Control-Allow-Origin" not in told


def test_refusals_at_the_door_are_counted(full: Flask) -> None:
    refused(full, "POST /api/v1/search", "Content-Length: 12345")
    said = full.test_client().get("/metrics").text
    assert 'visual_search_problems_total{code="server_busy"} 1.0' in said
    assert 'method="POST",route="/api/v1/search",status="503"} 1.0' in said
    assert "visual_search_upload_bytes_sum 12345.0" in said


def test_whoever_finds_a_place_is_let_in(app: Flask) -> None:
    assert at_the_door(app, "POST /api/v1/search") is None


@contextmanager
def _always_searching(server: LiveServer, photo: bytes) -> Iterator[list[int]]:
    over, statuses = threading.Event(), list[int]()

    def search() -> None:
        while not over.is_set():
            statuses.append(call(server.address, "POST", "/search", image=photo).status)

    shoppers = [threading.Thread(target=search) for _ in range(4)]
    for shopper in shoppers:
        shopper.start()
    try:
        yield statuses
    finally:
        over.set()
        for shopper in shoppers:
            shopper.join()


@pytest.mark.slow
def test_whoever_still_sends_its_photo_sees_that_it_is_refused(
    shop_store: Path, tmp_path: Path, mug_photo: bytes
) -> None:
    crowded = {"AT_ONCE": "1", "WAITING": "0", "DETECTOR": "none", "PHOTOS": str(tmp_path / "p")}
    with (
        live_server(threads=None, STORE=str(shop_store), **crowded) as server,
        _always_searching(server, mug_photo) as statuses,
    ):
        wait_until(lambda: {200, 503} <= set(statuses), 20)
        assert _first_refusal(server).startswith(b"HTTP/1.1 503 ")
    assert set(statuses) == {200, 503}


def _first_refusal(server: LiveServer) -> bytes:
    """What a slow client reads after a part of its photo, though it goes on sending."""
    where = urlsplit(server.address)
    form = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 400000\r\n\r\n"
    head = b"POST /api/v1/search HTTP/1.1\r\nHost: shop\r\n" + form
    for _ in range(200):
        with closing(socket.create_connection((where.hostname, where.port), 20)) as client:
            client.settimeout(0.2)
            client.sendall(head + b"x" * 1_000)
            try:
                answer = client.recv(10_000)
            except TimeoutError:  # let in: it waits for the rest
                continue
            client.sendall(b"x" * 300_000)
            client.settimeout(5)
            assert client.recv(10_000) == b""  # closed, not reset
            return answer
    return b""
