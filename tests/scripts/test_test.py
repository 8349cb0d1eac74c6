"""What `scripts/test.py` tells pytest."""

import os

import pytest

from scripts.test import pytest_options


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.mark.parametrize("chosen", [[], ["--fast"]])
def test_the_whole_suite_has_a_process_for_each_core(chosen: list[str]) -> None:
    assert pytest_options(chosen)[-4:] == ["-n", "2", "--dist", "worksteal"]


@pytest.mark.parametrize("cores", [1, 64])
def test_one_core_has_one_process_and_many_have_four(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert ("-n" in pytest_options([])) == (cores > 1)
    assert ("4" in pytest_options([])) == (cores > 4)


def test_what_is_chosen_runs_in_one_process() -> None:
    assert pytest_options(["-k", "mug"])[-2:] == ["-k", "mug"]
    assert "-n" not in pytest_options(["tests/server", "--fast"])


def test_only_the_fast_run_leaves_out_the_slow_ones() -> None:
    assert "not slow" in pytest_options(["--fast", "tests/server"])
    assert "not slow" not in pytest_options([])
