"""Feeds over HTTP: refused at once, or a job that is told of."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.jobs import JobState, run_jobs
from features.store import StoreSet
from server.config import Settings
from server.services.editing import sync_options
from server.services.imports import Imports
from tests.server.conftest import said_by
from tests.server.live import wait_until
from tests.server.test_search_api import assert_problem

FEED = b"id,title,image\nmug-001,Mug,products/mug-001.webp\nbag,Bag,none.webp\n"


def send(client: FlaskClient, feed: bytes = FEED, name: str = "a.csv", **form: Any) -> TestResponse:
    data = {"feed": (io.BytesIO(feed), name), **form}
    return client.post("/api/v1/catalog", data=data)


def test_a_feed_becomes_a_job_that_can_be_followed(
    admin: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    answer = send(admin, currency="eur", keep_missing="true", map=["title=title", "id=id"])
    assert answer.status_code == 202
    said = said_by(answer)
    job = said["job"]
    assert (job["name"], job["state"]) == ("a.csv", "queued")
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert said_by(admin.get(answer.headers["Location"])) == said
    assert imports.shelf.get(job["id"]).options["keep_missing"] is True
    run_jobs(imports.shelf, StoreSet(own_settings.store), sync_options(own_settings))
    done = admin.get(answer.headers["Location"]).get_json()
    assert done["index_version"] > said["index_version"]
    job = done["job"]
    assert (job["state"], job["progress"]) == ("done", {"done": 2, "total": 2})
    assert job["created"] <= job["started"] <= job["finished"]
    assert job["result"]["efficientnet_lite2_shop"]["products"] == 2
    assert job["rows_failed"] == 1
    (failure,) = job["failed"]
    assert (failure["line"], failure["code"]) == (3, "picture_not_found")


def test_a_job_whose_process_cannot_be_started_now_is_run_a_little_later(
    admin: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("server.services.imports._PAUSE_S", 0.01)
    python, started = tmp_path / "python", tmp_path / "started"
    monkeypatch.setattr(sys, "executable", str(python))  # which is not there yet
    for number in range(3):
        assert send(admin, name=f"{number}.csv").status_code == 202
    assert "import jobs wait" in caplog.text
    draft = tmp_path / "draft"  # a file that is run must not be open
    draft.write_text(f"#!/bin/sh\necho $1 > {started}.draft\nmv {started}.draft {started}\n")
    draft.chmod(0o755)
    draft.replace(python)
    wait_until(started.exists, 20)
    assert started.read_text().endswith("run_jobs.py\n")


def test_jobs_are_listed_the_newest_first(admin: FlaskClient, imports: Imports) -> None:
    ids = [send(admin, name=f"{n}.csv").get_json()["job"]["id"] for n in range(3)]
    jobs = admin.get("/api/v1/jobs").get_json()["jobs"]
    assert [job["id"] for job in jobs] == ids[::-1]
    assert all("failed" not in job for job in jobs)


def test_a_waiting_job_can_be_cancelled_once(admin: FlaskClient, imports: Imports) -> None:
    address = send(admin).headers["Location"]
    answer = admin.post(f"{address}/cancel")
    assert (answer.status_code, answer.get_json()["job"]["state"]) == (202, "cancelled")
    assert_problem(admin.post(f"{address}/cancel"), 409, "invalid_change")
    assert admin.get(address).get_json()["job"]["state"] == JobState.CANCELLED


def test_an_unknown_job_is_a_problem(admin: FlaskClient) -> None:
    for name in ("none", "20260101000000000000-00000000", "..", "%2e%2e%2fx"):
        assert admin.get(f"/api/v1/jobs/{name}").status_code == 404
        assert admin.post(f"/api/v1/jobs/{name}/cancel").status_code == 404


BAD_FEEDS: dict[str, tuple[bytes, dict[str, str], str]] = {
    "zero bytes": (b"", {}, "invalid_catalog"),
    "binary": (bytes(range(256)), {}, ""),
    "no columns": (b"name,photo\nMug,a.png\n", {}, "wrong_columns"),
    "broken ZIP": (b"PK\x03\x04" + bytes(99), {}, "invalid_archive"),
    "unknown format": (FEED, {"format": "excel"}, "invalid_catalog"),
    "format that does not fit": (FEED, {"format": "shopify"}, "wrong_columns"),
    "currency": (FEED, {"currency": "euros"}, "invalid_catalog"),
    "map": (FEED, {"map": "title"}, "invalid_catalog"),
    "encoding": (FEED, {"encoding": "excel"}, "invalid_catalog"),
    "damaged gzip": (b"\x1f\x8b\x08\x00", {}, "invalid_archive"),
    "keep_missing": (FEED, {"keep_missing": "perhaps"}, "invalid_query"),
}


@pytest.mark.parametrize("kind", BAD_FEEDS)
def test_a_bad_feed_is_refused_at_once(
    admin: FlaskClient, imports: Imports, own_settings: Settings, kind: str
) -> None:
    feed, form, code = BAD_FEEDS[kind]
    answer = send(admin, feed, **form)
    problem = assert_problem(answer, 400, code or answer.get_json()["code"])
    assert str(own_settings.store) not in problem["detail"]
    assert imports.shelf.jobs() == []


def test_a_request_without_a_feed_is_told_the_field(admin: FlaskClient, imports: Imports) -> None:
    for data in ({}, {"feed": "id,image"}, {"file": (io.BytesIO(FEED), "a.csv")}):
        answer = admin.post("/api/v1/catalog", data=data)
        assert "'feed'" in assert_problem(answer, 400, "invalid_query")["detail"]


def test_a_misspelt_field_is_refused_before_products_go(
    admin: FlaskClient, imports: Imports
) -> None:
    problem = assert_problem(send(admin, **{"keep-missing": "true"}), 400, "invalid_query")
    assert "'keep_missing'" in problem["detail"]
    assert imports.shelf.jobs() == []


def test_a_feed_may_be_larger_than_a_photo_but_not_than_its_own_limit(
    admin: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    larger = FEED + b"x,y,z.png\n" * 300_000
    assert len(larger) > own_settings.max_request_bytes
    assert send(admin, larger).status_code == 202
    object.__setattr__(own_settings, "feed_max_bytes", 1_000_000)
    assert "1.0 MB" in assert_problem(send(admin, larger), 413, "upload_too_large")["detail"]
