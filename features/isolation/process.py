"""One process apart: started, asked, ended."""

import os
import subprocess
import sys
import time
from pathlib import Path

from features.closing import Closing
from features.errors import HelperEndedError, HelperTooSlowError, HelperUnavailableError
from features.isolation.wire import (
    Message,
    WireClosedError,
    WireMisusedError,
    WireTooSlowError,
    wire_between,
)

_ROOT = Path(__file__).resolve().parents[2]
# Neither settings nor keys: what a decoder cannot see no picture can make it tell.
_ENVIRONMENT = frozenset(
    "HOME LANG LC_ALL LD_LIBRARY_PATH PATH PYTHONPATH TMPDIR VIRTUAL_ENV".split()  # noqa: SIM905
)
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Pictures come and go: memory that was used once is kept for the next instead of given back.
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "67108864"}


class HelperRestedError(Exception):
    """The process had ended before it was asked: it was not needed for long, or worked enough."""


class HelperProcess(Closing):
    """A module of this program that runs in a process of its own and answers messages."""

    def __init__(self, module: str) -> None:
        """Start it; what it needs to be ready is not waited for.

        Raises:
            HelperUnavailableError: the system allows no further process.
        """
        known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a module of this project
                [sys.executable, "-m", module],
                cwd=_ROOT,
                env=known | _ONE_THREAD | _KEEP_MEMORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError as error:
            raise HelperUnavailableError(
                f"no process to decode in can be started: {error.strerror}"
            ) from error
        if self._process.stdin is None or self._process.stdout is None:
            raise HelperUnavailableError("a process without pipes")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._wire = wire_between(self._stdout.fileno(), self._stdin.fileno())

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    def ask(self, question: Message, *, patience_s: float, most: int) -> Message:
        """Its answer; after an error it has to be closed.

        Args:
            most: bytes that the answer may have.

        Raises:
            HelperEndedError: it ended over the question, or answered what makes no sense.
            HelperTooSlowError: it took longer than `patience_s`.
            HelperRestedError: it had ended before.
        """
        until = time.monotonic() + patience_s
        try:
            self._wire.send(question, until)
            return self._wire.receive(most, until)
        except WireTooSlowError as error:
            raise HelperTooSlowError(f"no answer within {patience_s:g} seconds") from error
        except WireMisusedError as error:
            raise HelperEndedError(str(error)) from error
        except WireClosedError as error:
            if self._process.wait() == 0:
                raise HelperRestedError from error
            raise HelperEndedError(f"ended with {self._process.returncode}") from error

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._stdin.close()
        self._stdout.close()
