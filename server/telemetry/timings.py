"""How long the latest searches of this process took, stage by stage."""

import statistics
import threading
from collections import deque
from typing import TypedDict

from flask import Flask, current_app

from server.telemetry.exchange import Exchange

_LATEST = 200
_SEARCH = "search"
_TWENTIETHS = 20


class StageTimes(TypedDict):
    """Milliseconds of one stage."""

    median: float
    p95: float


class Timings:
    """The stages of the latest searches; older ones make room."""

    def __init__(self, latest: int = _LATEST) -> None:
        self._searches: deque[dict[str, float]] = deque(maxlen=latest)
        self._lock = threading.Lock()

    def note(self, exchange: Exchange) -> None:
        """Keep the stages of an exchange that was a search."""
        if _SEARCH in exchange.stages:
            stages = {**exchange.stages, "total": sum(exchange.stages.values())}
            with self._lock:
                self._searches.append(stages)

    def by_stage(self) -> tuple[int, dict[str, StageTimes]]:
        """How many searches are kept, and the median and 95th percentile of each stage."""
        with self._lock:
            searches = list(self._searches)
        names = dict.fromkeys(name for stages in searches for name in stages)
        return len(searches), {
            name: _times([stages[name] for stages in searches if name in stages]) for name in names
        }


def register(app: Flask) -> Timings:
    """The timings of this application, to be told of every exchange."""
    timings = Timings()
    app.extensions["timings"] = timings
    return timings


def current_timings() -> Timings:
    """The running application's timings."""
    timings: Timings = current_app.extensions["timings"]
    return timings


def _times(milliseconds: list[float]) -> StageTimes:
    return {
        "median": round(statistics.median(milliseconds), 2),
        "p95": round(_p95(milliseconds), 2),
    }


def _p95(values: list[float]) -> float:
    """Interpolated between neighbours, as numpy does."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=_TWENTIETHS, method="inclusive")[-1]
