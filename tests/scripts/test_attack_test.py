"""The command attacks, counts, and would say what got through."""

import re
from pathlib import Path

import pytest

from scripts.attacks.archives import named
from tests.helpers import run_python


def test_no_name_in_a_zip_and_of_a_collection_becomes_a_path(tmp_path: Path) -> None:
    packed, collections = named(tmp_path)
    assert packed.tried == collections.tried > 150
    assert packed.through == collections.through == ()


def test_a_collection_in_a_folder_of_its_own_name_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["collections", "others", *(f"n{number}" for number in range(1_000))])
    monkeypatch.setattr("features.collections.shelf.secrets.token_hex", lambda _: next(names))
    _, collections = named(tmp_path, every=20)
    assert collections.through


@pytest.mark.slow
def test_the_command_counts_what_it_tries() -> None:
    done = run_python("scripts/attack_test.py", "--every", 90)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\D+?) +(\d+) +(\d+)$", done.stdout, re.MULTILINE)
    assert len(rows) == 9
    assert all(int(tried) >= 3 and through == "0" for _, tried, through in rows)
