"""What the widgets report."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.search import SearchService
from server import create_app
from server.config import Settings
from server.telemetry.events import Event, EventLog, EventsNotKeptError
from tests.server.conftest import TidyClient

CLICK = {
    "type": "click",
    "product_id": "mug-002",
    "source_id": "mug-001",
    "position": 3,
    "widget": "similar-products",
}
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATE = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


@pytest.fixture
def recording(settings: Settings, service: SearchService, tmp_path: Path) -> FlaskClient:
    """The server with a folder for events."""
    app: Flask = create_app(replace(settings, events=tmp_path / "events"), service=service)
    app.test_client_class = TidyClient
    return app.test_client()


def lines(folder: Path) -> list[dict[str, Any]]:
    """Every recorded event."""
    days = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("events-*.jsonl"))]
    return [json.loads(line) for day in days for line in day.splitlines()]


def test_an_event_is_a_line_of_the_day_with_its_time(
    recording: FlaskClient, tmp_path: Path
) -> None:
    before = datetime.now(UTC)
    answer = recording.post("/api/v1/events", json=CLICK)
    assert (answer.status_code, answer.data) == (204, b"")
    (event,) = lines(tmp_path / "events")
    time = datetime.fromisoformat(event.pop("time"))
    assert abs((time - before).total_seconds()) < 10
    assert event == CLICK


def test_a_beacon_of_plain_text_counts_too(recording: FlaskClient, tmp_path: Path) -> None:
    body = json.dumps({"type": "open", "widget": "visual-search"})
    answer = recording.post("/api/v1/events?key=pk", data=body, content_type="text/plain")
    assert answer.status_code == 204
    assert lines(tmp_path / "events")[0]["type"] == "open"


def test_nothing_about_the_shopper_is_kept(recording: FlaskClient, tmp_path: Path) -> None:
    headers = {"User-Agent": "Curious/1.0", "Referer": "https://shop.example/p/1", "Cookie": "a=b"}
    recording.post("/api/v1/events", json=CLICK, headers=headers)
    assert set(lines(tmp_path / "events")[0]) == {"time", *CLICK}


def test_without_a_folder_events_are_answered_and_forgotten(
    client: FlaskClient, tmp_path: Path
) -> None:
    assert client.post("/api/v1/events", json=CLICK).status_code == 204
    assert not list(tmp_path.rglob("*.jsonl"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"click",
        b"[]",
        b"\xff",
        b"[" * 5_000,
        b"{}",
        b'{"type": "buy"}',
        b'{"type": ["click"]}',
        b'{"type": "click", "price": 3}',
        b'{"type": "click", "product_id": 7}',
        b'{"type": "click", "product_id": ""}',
        b'{"type": "click", "source_id": "\\ud800"}',
        b'{"type": "click", "position": 0}',
        b'{"type": "click", "position": true}',
        b'{"type": "click", "position": 1.5}',
        b'{"type": "click", "widget": "My Widget"}',
        json.dumps({"type": "click", "product_id": "x" * 501}).encode(),
        json.dumps({"type": "click", "product_id": "x" * 9_000}).encode(),
    ],
)
def test_anything_else_is_refused_and_not_kept(
    recording: FlaskClient, tmp_path: Path, body: bytes
) -> None:
    answer = recording.post("/api/v1/events", data=body, content_type="text/plain")
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "invalid_event"
    assert not (tmp_path / "events").exists()


def test_a_line_break_in_an_id_starts_no_line(recording: FlaskClient, tmp_path: Path) -> None:
    recording.post("/api/v1/events", json={"type": "click", "product_id": "a\nb\u2028c"})
    (file,) = (tmp_path / "events").iterdir()
    assert file.read_bytes().count(b"\n") == 1


def test_each_day_has_a_file_of_its_own(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    for moment in (NOON, NOON, LATE):
        log.append(Event("open"), moment)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["events-2026-03-01.jsonl", "events-2026-03-02.jsonl"]
    assert [line["time"][:10] for line in lines(tmp_path)] == [*["2026-03-01"] * 2, "2026-03-02"]


def test_a_day_stops_growing_at_its_limit(tmp_path: Path) -> None:
    log = EventLog(tmp_path, days_most_bytes=200)
    for _ in range(50):
        log.append(Event("open"), NOON)
    assert 0 < (tmp_path / "events-2026-03-01.jsonl").stat().st_size <= 200
    assert lines(tmp_path)
    log.append(Event("open"), LATE)
    assert lines(tmp_path)[-1]["time"].startswith("2026-03-02")


def test_a_folder_that_cannot_be_written_is_told_without_its_path(
    settings: Settings, service: SearchService, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(EventsNotKeptError, match="taken"):
        EventLog(tmp_path / "taken").append(Event("open"))
    app = create_app(replace(settings, events=tmp_path / "taken"), service=service)
    app.test_client_class = TidyClient
    answer = app.test_client().post("/api/v1/events", json=CLICK)
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "events_not_kept"
    assert "taken" not in answer.get_data(as_text=True)


def write_many(folder: Path, widget: str) -> None:
    log = EventLog(folder)
    for position in range(1, 201):
        log.append(Event("click", "x" * 400, position=position, widget=widget), NOON)


def test_lines_of_several_writers_never_mix(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as writers:
        list(writers.map(lambda name: write_many(tmp_path, name), ("w0", "w1", "w2")))
    found = lines(tmp_path)
    assert len(found) == 600
    for name in ("w0", "w1", "w2"):
        mine = [line["position"] for line in found if line["widget"] == name]
        assert mine == list(range(1, 201))


def test_the_folder_is_a_setting() -> None:
    settings = Settings.from_environment({"VISUAL_SEARCH_EVENTS": "/var/lib/events"})
    assert settings.events == Path("/var/lib/events")
    assert Settings.from_environment({}).events is None
