"""What goes on beside the searches: changes, workers that end, another extractor swapped in."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from scripts.asking import SEARCH_PATH, multipart
from scripts.benchmarks.processes import workers_of
from scripts.bootstrap import ROOT
from scripts.load.asking import Answer, Outcome, Question, ask
from scripts.load.reference import CHANGING, Reference
from scripts.load.shop import KEY, Shop
from scripts.load.tally import Tally

_EVERY_S = 1.0
_KEPT = 10
_RESTARTS = 10
_APART_S = 3.0  # at least
_SWAPPED_IN = "efficientnet_lite0"


@dataclass
class Answers:
    """Checks each answer to a photo against the reference, some once its version is known."""

    tally: Tally
    reference: Reference
    _later: list[tuple[str, dict[str, Any], Answer]] = field(default_factory=list)

    def take(self, question: Question, answer: Answer) -> None:
        """Count an answer, now or later."""
        if question.path != SEARCH_PATH or question.method != "POST":
            self.tally.count(answer, timed=False)
        elif answer.outcome is not Outcome.ACCEPTED:
            self.tally.count(answer)
        else:
            self._check(question.photo, answer.json, answer)

    def check_the_rest(self) -> None:
        """Those of versions that were passed at once have to be as those beside them."""
        for photo, said, answer in self._later:
            problem = self.reference.problem(photo, said)
            if problem == "unknown":
                problem = self.reference.problem_beside(photo, said)
                self.tally.note("of versions passed at once")
            self._count(answer, problem)

    def _check(self, photo: str, said: dict[str, Any], answer: Answer) -> None:
        problem = self.reference.problem(photo, said)
        if problem == "unknown":
            self._later.append((photo, said, answer))
        else:
            self._count(answer, problem)

    def _count(self, answer: Answer, problem: str) -> None:
        self.tally.count(answer, problem)
        self.tally.note("answers checked")


@contextmanager
def changing(shop: Shop, tally: Tally, reference: Reference) -> Iterator[None]:
    """Products come and go over HTTP, until the block ends; every version is noted."""
    numbers, photos = itertools.count(), sorted(shop.photos.items())
    added: deque[str] = deque()

    def change() -> None:
        number = next(numbers)
        reference.note()
        _, photo = photos[number % len(photos)]
        if _write(shop, tally, _put(f"{CHANGING}{number}", photo)) is Outcome.ACCEPTED:
            added.append(f"{CHANGING}{number}")
        reference.note()
        if len(added) > _KEPT and _write(shop, tally, _delete(added[0])) is Outcome.ACCEPTED:
            added.popleft()
            reference.note()

    with _again_and_again(change, _EVERY_S, tally):
        yield


@contextmanager
def restarting(shop: Shop, tally: Tally, seconds: float) -> Iterator[None]:
    """End workers one after the other, reload them all, and swap once; nothing in 0 seconds."""
    numbers = itertools.count(1)
    restarts = min(_RESTARTS, int(seconds / _APART_S))

    def restart() -> None:
        number = next(numbers)
        if number == max(1, restarts // 2):
            _swap(shop, tally)
        elif number % 3 == 0:
            os.kill(shop.server.pid, signal.SIGHUP)
            tally.note("reloads")
        else:
            with suppress(ProcessLookupError):
                os.kill(workers_of(shop.server.pid)[0], signal.SIGTERM)
            tally.note("workers ended")

    if not seconds:
        yield
        return
    with _again_and_again(restart, seconds / (restarts + 1), tally):
        yield


def _swap(shop: Shop, tally: Tally) -> None:
    command = [sys.executable, str(ROOT / "scripts/reembed.py"), "--extractor", _SWAPPED_IN]
    done = subprocess.run(
        [*command, "--store", str(shop.stores.folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        tally.problems.append(f"re-embedding failed: {done.stderr.strip()[-300:]}")
    tally.note("swaps")


def _write(shop: Shop, tally: Tally, question: Question) -> Outcome:
    answer = ask(shop.address, question)
    tally.count(answer, timed=False)
    tally.note(f"changes {answer.outcome}")
    return answer.outcome


def _put(name: str, photo: bytes) -> Question:
    form = {"product": json.dumps({"title": f"Thing {name}"})}
    kind, body = multipart(form, {"image": photo})
    return Question("PUT", f"/api/v1/products/{name}", kind, body, _authorized())


def _delete(name: str) -> Question:
    return Question("DELETE", f"/api/v1/products/{name}", headers=_authorized())


def _authorized() -> dict[str, str]:
    return {"Authorization": f"Bearer {KEY}"}


@contextmanager
def _again_and_again(act: Callable[[], None], every_s: float, tally: Tally) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every_s):
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the run goes on, and tells it
                tally.problems.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
