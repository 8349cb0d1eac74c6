"""Command lines in the tests' own process, which has what another takes seconds to load."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import NamedTuple

import pytest


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]
"""Runs a script, given as its module, with arguments."""


@contextmanager
def commands(patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Signals are handled as before afterwards."""

    def run(script: ModuleType, *arguments: object) -> Done:
        patch.setattr("sys.argv", [str(script.__file__), *map(str, arguments)])
        captured.readouterr()
        try:
            status = script.main()
        except SystemExit as end:  # of the parser of arguments
            status = end.code
        return Done(status, *captured.readouterr())

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield run
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
