"""The threat model names controls and tests that there are."""

import re

import pytest

from tests.helpers import ROOT

_TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| who | what they try |")
]


def test_there_are_threats() -> None:
    assert len(ROWS) >= 20
    assert all(len(row) == 4 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1][:50])
def test_every_control_and_every_test_is_there(row: list[str]) -> None:
    *_, controls, tests = row
    files, named = re.findall("`([^`]+)`", controls), re.findall("`([^`]+)`", tests)
    assert files and named
    assert all((ROOT / file).is_file() for file in files)
    for test in named:
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert f"def {name}(" in text if name else "def test_" in text, test
