"""What `scripts/test.py` tells pytest."""

import os

import pytest

from scripts.test import pytest_options


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr("scripts.test._memory_bytes", lambda: 24 * 2**30)


@pytest.mark.parametrize("chosen", [[], ["--fast"], ["--long"]])
def test_the_whole_suite_has_a_process_more_than_there_are_cores(chosen: list[str]) -> None:
    assert pytest_options(chosen)[-4:] == ["-n", "3", "--dist", "worksteal"]


@pytest.mark.parametrize(
    ("cores", "gigabytes", "processes"), [(1, 24, 2), (64, 24, 4), (64, 8, 2), (2, 4, 1)]
)
def test_few_cores_and_little_memory_have_fewer(
    cores: int, gigabytes: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setattr("scripts.test._memory_bytes", lambda: gigabytes * 2**30)
    options = pytest_options([])
    assert ("-n" in options) == (processes > 1)
    assert (str(processes) in options) == (processes > 1)


def test_what_is_chosen_runs_in_one_process() -> None:
    assert pytest_options(["-k", "mug"])[-2:] == ["-k", "mug"]
    assert "-n" not in pytest_options(["tests/server", "--fast"])


def test_only_the_fast_run_leaves_out_the_slow_ones() -> None:
    assert "not slow" in pytest_options(["--fast", "tests/server"])
    assert "not slow" not in pytest_options([])
