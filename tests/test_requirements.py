"""What is installed is exactly what was tried: every requirement names one version."""

import re
from pathlib import Path

import pytest

from tests.helpers import ROOT

FILES = sorted(ROOT.glob("requirements*.txt"))
_EXACT = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*( *; .+)?")
_OPTION = re.compile(r"--only-binary [a-z-]+")


def lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_there_are_requirements() -> None:
    assert len(FILES) >= 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_requirement_names_one_version(path: Path) -> None:
    for line in lines(path):
        assert _EXACT.fullmatch(line) or _OPTION.fullmatch(line), line


def test_no_two_files_want_different_versions() -> None:
    wanted: dict[str, str] = {}
    for path in FILES:
        for line in lines(path):
            name, _, version = line.partition(";")[0].strip().lower().partition("==")
            assert wanted.setdefault(name, version) == version, name
