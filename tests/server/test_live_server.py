"""The real server with several worker processes."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from scripts.asking import SEARCH_PATH, ask, multipart
from scripts.live_server import HTTP, LiveServer, live_server
from tests.features.pictures.web import Reply, Request, Web, reply, serving
from tests.helpers import picture, write_catalog
from tests.server.conftest import KEY, SAMPLE
from tests.server.live import call, end_runners, runners, wait_until
from tests.shop import PRODUCTS

pytestmark = pytest.mark.slow


def search(address: str, fields: dict[str, str], photo: bytes | None = None) -> Any:
    kind, body = multipart(fields, {} if photo is None else {"image": photo})
    request = urllib.request.Request(address + SEARCH_PATH, body, {"Content-Type": kind})
    return json.loads(ask(request))


def test_a_token_is_good_in_every_worker(
    shop_store: Path, mug_photo: bytes, tmp_path: Path
) -> None:
    with live_server(
        workers=3, STORE=str(shop_store), PHOTOS=str(tmp_path / "photos"), DETECTOR="none"
    ) as server:
        first = search(server.address, {"limit": "100"}, mug_photo)
        assert len(first["results"]) == PRODUCTS
        token = first["image_token"]
        for _ in range(30):
            again = search(server.address, {"limit": "100", "image_token": token})
            assert again["results"] == first["results"]
        assert SEARCH_PATH in server.last_said()


@pytest.fixture
def live_store(own_store: Path) -> Iterator[Path]:
    """A store whose jobs end with the test, at the latest."""
    yield own_store
    end_runners(own_store)


def serve(store: Path, workers: int = 3) -> AbstractContextManager[LiveServer]:
    return live_server(
        workers=workers,
        STORE=str(store),
        PICTURES=str(SAMPLE),
        PHOTOS=str(store / "photos"),
        DETECTOR="none",
        ADMIN_KEY=KEY,
        ALLOWED_HOSTS="127.0.0.1",
    )


@pytest.mark.slow
def test_a_change_is_seen_by_every_worker(live_store: Path) -> None:
    with serve(live_store) as server:
        for round in range(3):
            said = call(
                server.address, "PUT", "/products/new", {"product": "{}"}, image=picture(40 + round)
            )
            assert said.status == (200 if round else 201)
            for _ in range(30):
                found = search(
                    server.address, {"limit": "1", "box": "0,0,1,1"}, picture(40 + round)
                )
                assert found["index_version"] == said.json["index_version"]
                assert found["results"][0]["product"]["id"] == "new"
                assert found["results"][0]["distance"] == 0
        said = call(server.address, "DELETE", "/products/new")
        for _ in range(30):
            found = search(server.address, {"limit": "100", "box": "0,0,1,1"}, picture(42))
            assert found["index_version"] == said.json["index_version"]
            assert "new" not in {hit["product"]["id"] for hit in found["results"]}


COUNT, MANY = 80, 500


def slowly(request: Request) -> Reply:
    """A picture, another one for each path, after a while."""
    answer = reply(body=picture(int(request.path.strip("/"))))
    return Reply(answer.pieces, pause=0.1)


def feed(folder: Path, web: Web, count: int = COUNT, first: int = 0) -> bytes:
    rows = [
        {"id": f"w{n}", "title": f"Thing {n}", "image": web.url(f"/{n}")}
        for n in range(first, first + count)
    ]
    return write_catalog(folder, rows).read_bytes()


def start(server: LiveServer, content: bytes) -> str:
    """The path of the job."""
    said = call(server.address, "POST", "/catalog", {"keep_missing": "yes"}, feed=content)
    assert said.status == 202
    return f"/jobs/{said.json['job']['id']}"


def job(server: LiveServer, path: str) -> Any:
    return call(server.address, "GET", path).json["job"]


def wait_for_progress(server: LiveServer, path: str) -> Any:
    return wait_until(lambda: (now := job(server, path))["progress"]["done"] and now)


@pytest.mark.slow
def test_imports_run_one_by_one_beside_the_searches_and_are_cancelled(
    live_store: Path, tmp_path: Path
) -> None:
    with serving(slowly) as web, serve(live_store) as server:
        first = start(server, feed(tmp_path, web, MANY))
        second = start(server, feed(tmp_path, web, 2, first=MANY))
        running = wait_for_progress(server, first)
        assert (running["state"], running["progress"]["total"]) == ("running", MANY)
        assert job(server, second)["state"] == "queued"
        assert len(search(server.address, {"limit": "100"}, picture(1))["results"]) >= PRODUCTS
        refused = call(server.address, "PUT", "/products/x", {"product": "{}"}, image=picture(300))
        assert (refused.status, refused.json["code"]) == (409, "store_locked")
        assert f"(job {running['id']})" in refused.json["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        assert call(server.address, "POST", f"{first}/cancel").status == 202
        ended = wait_until(lambda: (now := job(server, first))["finished"] and now)
        assert (ended["state"], ended["code"]) == ("cancelled", "cancelled")
        done = wait_until(lambda: (now := job(server, second))["finished"] and now)
        assert done["state"] == "done"
        assert done["created"] <= ended["finished"] <= done["finished"]
        stored = call(server.address, "GET", "/products/w0")
        assert stored.status == 200
        with HTTP.open(server.address + stored.json["product"]["images"][0]["url"]) as shown:
            assert shown.read() == picture(0)
        assert call(server.address, "GET", f"/products/w{MANY - 1}").status == 404
        assert call(server.address, "GET", f"/products/w{MANY}").status == 200
        wait_until(lambda: not runners(live_store))
        said = call(server.address, "PUT", "/products/x", {"product": "{}"}, image=picture(300))
        assert said.status == 201


@pytest.mark.slow
def test_an_import_is_resumed_after_everything_was_killed(live_store: Path, tmp_path: Path) -> None:
    with serving(slowly) as web:
        with serve(live_store) as server:
            path = start(server, feed(tmp_path, web))
            wait_for_progress(server, path)
            os.kill(server.pid, signal.SIGKILL)
            end_runners(live_store)
        with serve(live_store) as server:
            done = wait_until(lambda: (now := job(server, path))["finished"] and now)
            assert (done["state"], done["progress"]["done"]) == ("done", COUNT)
            assert call(server.address, "GET", f"/products/w{COUNT - 1}").status == 200
        assert len(web.requests) < 2 * COUNT


@pytest.mark.slow
def test_an_import_whose_process_was_killed_is_started_again(
    live_store: Path, tmp_path: Path
) -> None:
    with serving(slowly) as web, serve(live_store, workers=1) as server:
        path = start(server, feed(tmp_path, web, 60))
        wait_for_progress(server, path)
        (pid,) = runners(live_store)
        os.killpg(pid, signal.SIGKILL)
        done = wait_until(lambda: (now := job(server, path))["finished"] and now)
        assert (done["state"], done["rows_failed"]) == ("done", 0)
