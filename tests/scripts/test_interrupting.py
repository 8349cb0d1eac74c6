"""Whoever presses Ctrl+C is told how to go on, and no script takes it for one of its answers."""

from types import ModuleType

import pytest

from scripts import (
    adapt,
    back_up,
    build_index,
    evaluate,
    extract_features,
    make_composites,
    measure_emphases,
    migrate_index,
    people,
    reembed,
    verify_store,
)
from tests.scripts.commands import Command

IN = ("--store", "stores")


@pytest.mark.parametrize(
    ("script", "at", "arguments"),
    [
        (adapt, "StoreSet", IN),
        (back_up, "back_up", (*IN, "copy")),
        (build_index, "StoreSet", ("stores",)),
        (evaluate, "open_service", IN),
        (extract_features, "read_catalog", ("feed.csv", *IN)),
        (make_composites, "read_queries", ("queries.csv", "out")),
        (measure_emphases, "read_queries", ("queries.csv", *IN)),
        (migrate_index, "StoreSet", ("verify", "stores")),
        (people, "check_kept", (*IN, "list")),
        (reembed, "StoreSet", (*IN, "--clean-up")),
    ],
    ids=lambda value: value.__name__.rpartition(".")[2] if isinstance(value, ModuleType) else "",
)
def test_a_script_that_is_interrupted_says_so(
    script: ModuleType,
    at: str,
    arguments: tuple[str, ...],
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script, at, _interrupted)
    done = command(script, *arguments)
    assert done.returncode == 130
    assert done.stderr.startswith("\ninterrupted; ") and "run again" in done.stderr


@pytest.mark.parametrize(
    ("repair", "advice"),
    [
        ((), "run again"),
        (("--repair",), "run again"),
        (("--repair", "feed.csv"), "import the catalogue"),
    ],
)
def test_a_repair_that_is_interrupted_before_its_import_asks_for_that(
    repair: tuple[str, ...], advice: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.store.StoreSet.check_filled", _interrupted)
    done = command(verify_store, *IN, *repair)
    assert done.returncode == 130
    assert done.stderr.startswith("\ninterrupted; ") and advice in done.stderr


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
