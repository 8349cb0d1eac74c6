"""A process that reads bad files, and one that watches it: for its end, its time, its memory."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from features.closing import Closing
from features.errors import HelperError, VisualSearchError
from scripts.fuzzing.cases import Cases
from scripts.fuzzing.corpus import Corpus
from scripts.fuzzing.targets import TARGETS, Target, throw

LONGEST_S = 2.0
"""Processor seconds that one file may take."""
_LONGEST_WAIT_S = 20.0
_STEP_S = 0.05


class Outcome(StrEnum):
    """What became of a bad file; the first two are as it should be."""

    ANSWERED = "answered"
    REFUSED = "refused"
    OTHER = "other"
    HUNG = "hung"
    CRASHED = "crashed"

    @property
    def is_finding(self) -> bool:
        """Whether this may not be."""
        return self not in (Outcome.ANSWERED, Outcome.REFUSED)


@dataclass(frozen=True)
class Result:
    """Of one case; `cpu_s` are processor seconds, `memory_mb` what the process held after it."""

    number: int
    origin: str
    outcome: Outcome
    detail: str
    cpu_s: float
    memory_mb: float


class Watched(Closing):
    """A process that reads the cases of a run, one after the other; a new one where it ended."""

    def __init__(self, cases: Cases | Corpus, target: Target | None = None) -> None:
        """Start the process.

        Args:
            target: what the files are thrown at; what belongs to their kind if None.
        """
        self._cases = cases
        self._target = target or TARGETS[cases.kind]
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._start()

    def read(self, numbers: Iterable[int]) -> Iterator[Result]:
        """What becomes of each case."""
        for number in numbers:
            before = used_by(self._pids)
            outcome, detail = self._outcome(number, before)
            after = used_by(self._pids) if outcome is not Outcome.CRASHED else before
            yield Result(
                number,
                self._cases[number].origin,
                outcome,
                detail,
                after.cpu_s - before.cpu_s,
                after.memory_mb,
            )
            if outcome in (Outcome.CRASHED, Outcome.HUNG):
                self.close()
                self._start()

    def close(self) -> None:
        """End the process, whatever it does."""
        for process in _families(self._pids):
            process.kill()
        self._process.join()
        self._ours.close()
        self._folder.cleanup()

    def _start(self) -> None:
        self._ours, theirs = self._context.Pipe()
        self._folder = tempfile.TemporaryDirectory()  # the process may have no time to remove it
        self._process = self._context.Process(
            target=_read_cases, args=(self._cases, self._target, Path(self._folder.name), theirs)
        )
        self._process.start()
        theirs.close()
        self._pids = [self._process.pid or 0]
        self._ours.recv()

    def _outcome(self, number: int, before: "Used") -> tuple[Outcome, str]:
        self._ours.send(number)
        waited = 0.0
        while waited < _LONGEST_WAIT_S:
            asked = time.monotonic()
            try:
                if self._ours.poll(_STEP_S):
                    name, detail = self._ours.recv()
                    return Outcome(name), detail
            except EOFError:
                self._process.join()
                return Outcome.CRASHED, f"ended with {self._process.exitcode}"
            if used_by(self._pids).cpu_s - before.cpu_s > LONGEST_S:
                return Outcome.HUNG, f"more than {LONGEST_S:g} s of work"
            # A machine that stood still meanwhile is no fault of the reader.
            waited += min(time.monotonic() - asked, 2 * _STEP_S)
        return Outcome.HUNG, f"no answer in {_LONGEST_WAIT_S:g} s"


@dataclass(frozen=True)
class Used:
    """What processes have used, and what they hold."""

    cpu_s: float
    memory_mb: float


def used_by(pids: Iterable[int]) -> Used:
    """By some processes with their children, and those children that ended."""
    cpu_s = memory = 0.0
    for one in _families(pids):
        try:
            times = one.cpu_times()
            cpu_s += times.user + times.system + times.children_user + times.children_system
            memory += one.memory_info().rss
        except psutil.Error:  # it ended just now
            continue
    return Used(cpu_s, memory / 1e6)


def _families(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            yield process
            yield from process.children(recursive=True)


def _read_cases(cases: Cases | Corpus, target: Target, folder: Path, wire: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with wire:
        wire.send(cases[0].number)
        while True:
            try:
                number: int = wire.recv()
            except EOFError:
                return
            wire.send(_read(target, cases[number].data, folder))


def _read(target: Target, data: bytes, folder: Path) -> tuple[str, str]:
    try:
        throw(data, target, folder)
    except VisualSearchError as error:
        if isinstance(error.__cause__, HelperError):  # a decoder apart failed, as none should
            return Outcome.CRASHED.value, str(error.__cause__)
        return Outcome.REFUSED.value, error.code
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        return Outcome.OTHER.value, f"{type(error).__name__}: {error}"[:300]
    return Outcome.ANSWERED.value, ""
