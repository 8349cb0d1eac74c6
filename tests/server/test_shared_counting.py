"""Requests counted in Redis: by all workers together, by each alone while it is out of reach."""

import logging
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from features.search import SearchService
from scripts.live_server import free_port
from server import create_app
from server.access.keys import KeyKind, KeyRing
from server.config import Settings
from tests.server.conftest import TidyClient
from tests.server.live import wait_until

pytest.importorskip("redis", reason="the client of Redis is not installed (requirements.txt)")
ADDRESS = "/api/v1/products/none/similar"
GONE = "each process counts requests alone until redis answers again"
BACK = "requests are counted in redis again"


def counting(settings: Settings, service: SearchService, port: int, keys: Path) -> FlaskClient:
    """A client of a server that counts in the Redis at a port, three a minute."""
    place = f"redis://127.0.0.1:{port}"
    changed = replace(settings, rate_storage=place, rate="3 per minute", keys=keys)
    app = create_app(changed, service=service)
    app.test_client_class = TidyClient
    return app.test_client()


def asked(client: FlaskClient, times: int) -> list[int]:
    return [client.get(ADDRESS).status_code for _ in range(times)]


def told(caplog: pytest.LogCaptureFixture, start: str) -> int:
    return sum(record.getMessage().startswith(start) for record in caplog.records)


@contextmanager
def redis_at(port: int) -> Iterator[None]:
    program = shutil.which("redis-server")
    assert program is not None
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers)
        yield
    finally:
        server.kill()
        server.wait()


def test_limits_hold_in_the_process_while_redis_is_away_and_the_log_says_it_once(
    settings: Settings, service: SearchService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        client = counting(settings, service, free_port(), tmp_path / "keys.json")
        assert asked(client, 5) == [404, 404, 404, 429, 429]
    assert told(caplog, GONE) == 1


def test_wrong_keys_are_counted_while_redis_is_away(
    settings: Settings, service: SearchService, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    KeyRing(keys).create(KeyKind.ADMIN, "me")
    client = counting(settings, service, free_port(), keys)
    guess = {"Authorization": "Bearer guess"}
    answers = [client.get(ADDRESS, headers=guess).status_code for _ in range(21)]
    assert answers == [401] * 20 + [429]


def test_a_redis_that_never_answers_holds_one_request_for_a_moment(
    settings: Settings, service: SearchService, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = counting(settings, service, port, tmp_path / "keys.json")
        started = time.monotonic()
        assert asked(client, 4) == [404, 404, 404, 429]
        assert time.monotonic() - started < 30


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_redis_counts_for_all_and_again_once_it_is_back(
    settings: Settings,
    service: SearchService,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.access.sharing._PAUSE_S", 0.0)
    port = free_port()
    one, two = (counting(settings, service, port, tmp_path / "keys.json") for _ in range(2))
    with redis_at(port):
        assert asked(one, 2) == [404, 404]
        assert asked(two, 2) == [404, 429]
    assert asked(one, 4) == [404, 404, 404, 429]
    assert (told(caplog, GONE), told(caplog, BACK)) == (1, 0)
    with redis_at(port):
        assert asked(one, 4) == [404, 404, 404, 429]
        assert told(caplog, BACK) == 1
