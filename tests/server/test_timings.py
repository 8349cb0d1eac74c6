"""How long the latest searches took, stage by stage."""

import pytest
from flask.testing import FlaskClient

from server.telemetry.exchange import Exchange
from server.telemetry.timings import Timings


def exchange(**stages: float) -> Exchange:
    return Exchange("/api/v1/search", "POST", 200, 5.0, None, None, "", stages)


def test_median_and_95th_percentile_are_those_of_the_searches() -> None:
    timings = Timings()
    for ms in range(1, 102):
        timings.note(exchange(embed=10.0, search=float(ms)))
    count, stages = timings.by_stage()
    assert count == 101
    assert stages["embed"] == {"median": 10.0, "p95": 10.0}
    assert stages["search"] == {"median": 51.0, "p95": 96.0}
    assert stages["total"] == {"median": 61.0, "p95": 106.0}


def test_a_single_search_is_its_own_median() -> None:
    timings = Timings()
    timings.note(exchange(search=3.0))
    assert timings.by_stage() == (1, {n: {"median": 3.0, "p95": 3.0} for n in ("search", "total")})


def test_only_the_latest_searches_count() -> None:
    timings = Timings(latest=2)
    for ms in (1000.0, 2.0, 4.0):
        timings.note(exchange(search=ms))
    assert timings.by_stage()[0] == 2
    assert timings.by_stage()[1]["search"]["median"] == 3.0


def test_what_is_no_search_is_not_counted() -> None:
    timings = Timings()
    timings.note(exchange())
    timings.note(exchange(detect=20.0))
    assert timings.by_stage() == (0, {})


@pytest.mark.parametrize("seeds", [1, 2])
def test_stats_have_the_timings_of_searches(client: FlaskClient, seeds: int) -> None:
    ids = [f"{kind}-001" for kind in ("bag", "bottle")][:seeds]
    assert client.get("/api/v1/stats").get_json()["timings"] == {"searches": 0, "stages_ms": {}}
    for _ in range(3):
        answer = client.post("/api/v1/search", data={"product_id": ids})
        assert answer.status_code == 200, answer.get_json()
    timings = client.get("/api/v1/stats").get_json()["timings"]
    assert timings["searches"] == 3
    stages = timings["stages_ms"]
    assert 0 < stages["search"]["median"] <= stages["search"]["p95"] <= stages["total"]["p95"]
