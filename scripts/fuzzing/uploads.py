"""Bad pictures sent to the real server: its answers, its processes, its memory."""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.request import Request

from features.extractors import load_extractor
from scripts.asking import SEARCH_PATH, answer_to, multipart
from scripts.benchmarks.processes import workers_of
from scripts.benchmarks.serve import write_random_store
from scripts.fuzzing.cases import Case, Cases
from scripts.fuzzing.corpus import Corpus
from scripts.fuzzing.standstill import Standstill
from scripts.fuzzing.watching import LONGEST_S, Outcome, Result, used_by
from scripts.live_server import live_server

_CLIENTS = 4
_WITHIN_S = 300.0
_WORK_S = LONGEST_S * _CLIENTS
"""Processor seconds of the server until an answer; it may work for the others meanwhile."""
_PRODUCTS = 100
_AGAIN = 3
_PAUSE_S = 5.0


class WatchedServer:
    """The real server, with one worker whose end would be seen."""

    def __init__(
        self, cases: Cases | Corpus, address: str, pid: int, standstill: Standstill
    ) -> None:
        self._cases = cases
        self._address = address + SEARCH_PATH
        self._pid = pid
        self._workers = workers_of(pid)
        self._standstill = standstill

    def read(self, numbers: Iterable[int]) -> Iterator[Result]:
        """What becomes of each case; its seconds are the server's work until the answer."""
        with ThreadPoolExecutor(_CLIENTS) as pool:
            yield from pool.map(self._send, map(self._cases.__getitem__, numbers))

    def _send(self, case: Case) -> Result:
        """Once more where the machine stood still over it; the worker may have been ended then."""
        result = self._sent(case)
        for _ in range(_AGAIN):
            if not (result.outcome.is_finding and self._standstill.was_just_now):
                break
            time.sleep(_PAUSE_S)
            result = self._sent(case)
        return result

    def _sent(self, case: Case) -> Result:
        before = used_by(self._workers)
        outcome, detail = self._outcome(case)
        after = used_by(self._workers)
        worked_s = after.cpu_s - before.cpu_s
        if workers_of(self._pid) != self._workers:
            self._workers = workers_of(self._pid)
            outcome, detail = Outcome.CRASHED, "a worker of the server ended"
        elif worked_s > _WORK_S:
            outcome, detail = Outcome.HUNG, f"{worked_s:.1f} s of work"
        return Result(case.number, case.origin, outcome, detail, worked_s, after.memory_mb)

    def _outcome(self, case: Case) -> tuple[Outcome, str]:
        kind, body = multipart({"limit": "5"}, {"image": case.data})
        request = Request(self._address, body, {"Content-Type": kind})
        try:
            answer = answer_to(request, _WITHIN_S)
        except TimeoutError:
            return Outcome.HUNG, f"no answer in {_WITHIN_S:g} s"
        except OSError as error:
            return Outcome.CRASHED, f"no answer: {error}"
        if answer.status < HTTPStatus.BAD_REQUEST:
            return Outcome.ANSWERED, ""
        return _refusal(answer.status, answer.body)


@contextmanager
def watched_server(cases: Cases | Corpus) -> Iterator[WatchedServer]:
    """A server on a store of its own, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        store, photos = Path(folder, "store"), Path(folder, "photos")
        write_random_store(store, load_extractor(), _PRODUCTS)
        with (
            live_server(
                STORE=str(store),
                PHOTOS=str(photos),
                DETECTOR="regions",
                LOG_LEVEL="error",
                WAITING="8",
            ) as server,
            Standstill() as standstill,
        ):
            yield WatchedServer(cases, server.address, server.pid, standstill)


def _refusal(status: int, said: bytes) -> tuple[Outcome, str]:
    """A refusal names its cause; anything else is a fault of the server."""
    if status >= 500:
        return Outcome.OTHER, f"{status} {said[:300]!r}"
    try:
        return Outcome.REFUSED, str(json.loads(said)["code"])
    except (ValueError, KeyError, TypeError):
        return Outcome.OTHER, f"{status} without a code: {said[:300]!r}"
