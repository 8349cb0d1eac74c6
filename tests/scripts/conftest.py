"""What the tests of several scripts share."""

from collections.abc import Iterator

import pytest

from tests.scripts.commands import Command, commands


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs scripts in this process; each has tests in a process of its own too."""
    with commands(monkeypatch, capsys) as run:
        yield run
