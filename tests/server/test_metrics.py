"""`/metrics`: what it counts, and who may read it."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.parser import text_string_to_metric_families

from features.search import SearchService
from scripts.live_server import HTTP, live_server
from server import create_app
from server.config import Settings
from tests.server.conftest import TidyClient
from tests.server.test_live_server import search
from tests.server.test_search_api import post


def samples(text: str, name: str, **labels: str) -> dict[tuple[str, ...], float]:
    """The values of one metric, by its other labels in alphabetical order."""
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels.keys() - labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    }


def value(client: FlaskClient, name: str, **labels: str) -> float:
    return sum(samples(client.get("/metrics").text, name, **labels).values())


def client_of(settings: Settings, service: SearchService) -> FlaskClient:
    app = create_app(settings, service=service)
    app.test_client_class = TidyClient
    return app.test_client()


def test_requests_are_counted_by_route_method_and_status(
    client: FlaskClient, mug_photo: bytes
) -> None:
    for _ in range(3):
        post(client, mug_photo)
    post(client, b"no picture")
    client.get("/nothing")
    client.get("/nothing-else")
    counted = samples(client.get("/metrics").text, "visual_search_requests_total")
    assert counted == {
        ("POST", "/api/v1/search", "200"): 3,
        ("POST", "/api/v1/search", "415"): 1,
        ("GET", "", "404"): 2,
    }


def test_times_stages_uploads_and_problems_are_measured(
    client: FlaskClient, mug_photo: bytes
) -> None:
    post(client, mug_photo)
    post(client, b"no picture")
    assert value(client, "visual_search_request_seconds_count", route="/api/v1/search") == 2
    stages = samples(client.get("/metrics").text, "visual_search_stage_seconds_count")
    assert stages == {(s,): 1 for s in ("detect", "choose", "decode", "embed", "search")}
    assert value(client, "visual_search_upload_bytes_sum") > len(mug_photo)
    assert value(client, "visual_search_problems_total", code="not_a_picture") == 1
    assert value(client, "visual_search_requests_in_flight") == 0
    assert abs(value(client, "visual_search_worker_start_time_seconds") - time.time()) < 60


def test_the_store_is_described_by_its_extractor(client: FlaskClient) -> None:
    extractor = "efficientnet_lite2_shop"
    assert value(client, "visual_search_index_products", extractor=extractor) == 12
    assert value(client, "visual_search_index_pictures", extractor=extractor) == 12
    assert value(client, "visual_search_index_version", extractor=extractor) == 1
    assert value(client, "visual_search_import_jobs") == 0


def test_a_method_that_nobody_knows_makes_no_metric_of_its_own(client: FlaskClient) -> None:
    client.open("/", method="BREW")
    assert value(client, "visual_search_requests_total", method="OTHER") == 1


def test_metrics_are_there_before_there_is_a_store(settings: Settings, tmp_path: Path) -> None:
    app = create_app(replace(settings, store=tmp_path / "none"))
    app.test_client_class = TidyClient
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain")
    assert not samples(answer.text, "visual_search_index_version")


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read_them(client: FlaskClient, remote: str) -> None:
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": remote})
    assert answer.status_code == 200


@pytest.mark.parametrize("remote", ["192.168.0.7", "203.0.113.9", "2001:db8::1", "", "unix:"])
def test_other_machines_may_not_unless_the_shop_says_so(
    settings: Settings, service: SearchService, remote: str
) -> None:
    asking = {"REMOTE_ADDR": remote}
    local = client_of(settings, service).get("/metrics", environ_base=asking)
    assert local.status_code == 404
    opened = client_of(replace(settings, metrics="all"), service)
    assert opened.get("/metrics", environ_base=asking).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_asks_through_a_proxy_is_not_this_machine(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404


def test_switched_off_there_are_none(settings: Settings, service: SearchService) -> None:
    off = client_of(replace(settings, metrics="off"), service)
    assert off.get("/metrics").status_code == 404


def test_a_worker_that_has_only_begun_its_files_is_no_problem(
    settings: Settings, service: SearchService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    client = client_of(settings, service)
    written = MmapedDict(str(folder / "counter_99998.db"))
    key = mmap_key("requests", "requests_total", [], [], "Answered by another worker.")
    written.write_value(key, 7.0, 0.0)
    written.close()
    (folder / "counter_99999.db").touch()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert samples(answer.text, "requests_total") == {(): 7.0}


def read_metrics(address: str) -> str:
    with HTTP.open(f"{address}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def workers_of(text: str) -> set[int]:
    return {int(pid) for (pid,) in samples(text, "visual_search_worker_start_time_seconds")}


@pytest.mark.slow
def test_three_workers_count_as_one_and_forget_nothing_when_one_dies(
    shop_store: Path, mug_photo: bytes, tmp_path: Path
) -> None:
    with live_server(
        workers=3, STORE=str(shop_store), PHOTOS=str(tmp_path / "photos"), DETECTOR="none"
    ) as server:
        token = search(server.address, {}, mug_photo)["image_token"]
        for _ in range(29):
            search(server.address, {"image_token": token, "limit": "1"})
        route = {"route": "/api/v1/search"}
        before = read_metrics(server.address)
        assert samples(before, "visual_search_requests_total", **route) == {("POST", "200"): 30}
        assert samples(before, "visual_search_stage_seconds_count", stage="search") == {(): 30}
        killed = min(workers_of(before))
        os.kill(killed, signal.SIGKILL)
        after = wait_for_another_worker(server.address, killed)
        assert samples(after, "visual_search_requests_total", **route) == {("POST", "200"): 30}


def wait_for_another_worker(address: str, killed: int) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        text = read_metrics(address)
        if killed not in workers_of(text) and len(workers_of(text)) == 3:
            return text
        time.sleep(0.1)
    pytest.fail("no other worker came")
