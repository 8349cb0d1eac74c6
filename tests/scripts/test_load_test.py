"""Load on the real server, in short: what is accepted is answered rightly, the rest is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from features.store import StoreSet
from scripts.load.asking import Answer, Outcome
from scripts.load.processes import Held
from scripts.load.reference import Reference
from scripts.load.tally import Tally
from tests.helpers import run_python

HELD = Held(100.0, 20, 1.0)


def load(scenario: str, minutes: float) -> dict[str, Any]:
    done = run_python("scripts/load_test.py", scenario, "--minutes", minutes, "--json")
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, 1.0, b"{}"), Outcome.ACCEPTED),
        (Answer(503, 1.0, b'{"code": "server_busy"}', again=True), Outcome.REFUSED),
        (Answer(503, 1.0, b"<html>", again=True), Outcome.REFUSED),
        (Answer(503, 1.0, b'{"code": "server_busy"}'), Outcome.FAILED),
        (Answer(503, 1.0, b'{"code": "store_error"}', again=True), Outcome.FAILED),
        (Answer(500, 1.0), Outcome.FAILED),
        (Answer(0, 1.0, problem="ConnectionResetError"), Outcome.FAILED),
    ],
)
def test_only_who_is_told_to_come_again_is_refused(answer: Answer, outcome: Outcome) -> None:
    assert answer.outcome is outcome


def test_what_fails_grows_or_takes_too_long_is_a_finding() -> None:
    sound = Tally("overload", 10.0, HELD, HELD)
    sound.count(Answer(200, 39.0))
    assert sound.findings == []
    late = Tally("overload", 10.0, HELD, Held(500.0, 200, 2.0))
    late.count(Answer(200, 41.0))
    late.count(Answer(200, 10.0), "another product")
    assert late.findings == [
        "another product",
        "p99 of accepted is 4.1 times the unloaded median",
        "memory grew from 100 to 500 MB",
        "open files grew from 20 to 200",
    ]


def answer(version: int, *hits: tuple[str, float]) -> dict[str, Any]:
    results = [{"product": {"id": name}, "distance": distance} for name, distance in hits]
    return {"extractor": "lite", "index_version": version, "results": results}


def test_the_first_version_of_a_swapped_in_store_is_compared_in_what_stays(tmp_path: Path) -> None:
    reference = Reference(StoreSet(tmp_path), {"a photo": b""})
    reference.nearest["lite", 13] = {
        "a photo": (("mug", "new-9", "bag", "lamp"), (0.1, 0.2, 0.3, 0.4))
    }
    before_the_change = answer(12, ("mug", 0.1), ("bag", 0.3), ("lamp", 0.4))
    assert reference.problem("a photo", before_the_change) == "unknown"
    assert reference.problem_beside("a photo", before_the_change) == ""
    for wrong in (answer(12, ("mug", 0.1), ("lamp", 0.4)), answer(12, ("mug", 0.11)), answer(12)):
        assert reference.problem_beside("a photo", wrong), wrong
    assert reference.problem("a photo", answer(13, ("mug", 0.1), ("bag", 0.3), ("lamp", 0.4)))


@pytest.mark.slow
def test_under_overload_what_is_accepted_is_answered_and_the_rest_is_refused() -> None:
    said = load("overload", 0.1)
    assert said["failed"] == 0, said["findings"]
    assert said["accepted"] and said["refused"]


@pytest.mark.slow
def test_beside_slow_clients_nothing_fails() -> None:
    said = load("slow", 0.1)
    assert said["failed"] == 0, said["findings"]
    assert said["accepted"]


@pytest.mark.slow
def test_restarts_changes_and_a_swap_cost_no_request_and_no_right_answer() -> None:
    said = load("soak", 0.2)
    assert said["failed"] == 0, said["findings"]
    assert said["events"]["answers checked"] and said["events"]["swaps"] == 1
