"""Faults on a running shop: what they count, and that nothing is lost by them."""

import json
import os
from pathlib import Path

import pytest

from scripts.faults.catalog import FAULTS, bring_about
from scripts.faults.outcome import Outcome, judged
from scripts.faults.place import Place
from tests.helpers import run_python

NEEDS_A_DISK = {"disk-full", "disk-read-only"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.made(tmp_path_factory.mktemp("made") / "shop")


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_loses_nothing(name: str, made: Place, tmp_path: Path) -> None:
    outcome = bring_about(name, made, tmp_path / name)
    if outcome.skipped:
        assert name in {*NEEDS_A_DISK, "milvus"} and (os.geteuid() or name == "milvus")
        pytest.skip(outcome.skipped)
    assert outcome.problems == (), outcome.as_text()
    assert outcome.counts


def test_what_should_not_have_happened_is_told() -> None:
    outcome = judged("a fault", {"kills": 3, "seconds": 0.5}, all_well=True, nothing_lost=False)
    assert outcome.problems == ("nothing lost",)
    assert outcome.as_text() == "a fault: kills 3, seconds 0.50\n  PROBLEM: nothing lost"


def test_a_fault_that_cannot_be_brought_about_says_why() -> None:
    outcome = Outcome("disk-full", skipped="only root may mount a disk")
    assert outcome.as_text() == "disk-full: skipped, only root may mount a disk"


@pytest.mark.slow
def test_the_command_tells_its_counts_as_json() -> None:
    done = run_python("scripts/fault_test.py", "moved", "--json")
    assert done.returncode == 0, done.stderr
    (outcome,) = json.loads(done.stdout)
    assert outcome["fault"] == "store moved away"
    assert outcome["counts"]["searches meanwhile"] == 5


def test_an_unknown_fault_is_refused_with_the_names_of_all() -> None:
    done = run_python("scripts/fault_test.py", "earthquake")
    assert done.returncode == 2 and "master" in done.stderr
