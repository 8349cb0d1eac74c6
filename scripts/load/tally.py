"""What became of all requests of a scenario."""

import threading
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from scripts.benchmarks.table import as_table
from scripts.load.asking import Answer, Outcome
from scripts.load.processes import Held

_TOLD = 5
_MOST_TIMES_UNLOADED = 4.0
_MOST_GROWTH = 1.25
_SPARE_MB, _SPARE_FILES = 50.0, 60


@dataclass
class Tally:
    """Counts, times and problems. Thread-safe."""

    scenario: str
    unloaded_ms: float
    before: Held
    after: Held | None = None
    counts: Counter[Outcome] = field(default_factory=Counter)
    times_ms: list[float] = field(default_factory=list)
    """Of accepted searches."""
    problems: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    """What else was done: restarts, changes, answers that were checked."""
    seconds: float = 0.0
    client_cpu_s: float = 0.0
    """What the clients took of the cores for themselves."""
    halfway: Held | None = None
    others_cpu_s: float = 0.0
    """What all else on the machine took; what is restarted meanwhile counts as that."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, answer: Answer, wrong: str = "", *, timed: bool = True) -> None:
        """Add a request; `wrong` is what is not as it should be in an answer that was given."""
        outcome = Outcome.FAILED if wrong else answer.outcome
        with self._lock:
            self.counts[outcome] += 1
            if outcome is Outcome.ACCEPTED and timed:
                self.times_ms.append(answer.ms)
            if outcome is Outcome.FAILED:
                said = wrong or answer.problem or f"{answer.status}: {answer.said[:200]!r}"
                self.problems.append(said)

    def note(self, event: str, times: int = 1) -> None:
        """Count something else."""
        with self._lock:
            self.events[event] += times

    def quantile(self, share: float) -> float:
        """Milliseconds of accepted searches; 0 without any."""
        return float(np.quantile(self.times_ms, share)) if self.times_ms else 0.0

    @property
    def findings(self) -> list[str]:
        """What must not be; overload has its bound on time, and every scenario the others."""
        found = self.problems[:_TOLD]
        if self.scenario == "overload":
            times = self.quantile(0.99) / self.unloaded_ms
            if times > _MOST_TIMES_UNLOADED:
                found.append(f"p99 of accepted is {times:.1f} times the unloaded median")
        if not self.counts[Outcome.ACCEPTED]:
            found.append("nothing was accepted")
        return [*found, *self._growth()]

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        after = self.after or self.before
        return {
            "scenario": self.scenario,
            "seconds": round(self.seconds, 1),
            "clients_cpu_s": round(self.client_cpu_s, 1),
            "workers_cpu_s": round(max(0.0, after.cpu_s - self.before.cpu_s), 1),
            "others_cpu_s": round(self.others_cpu_s, 1),
            "offered": self.counts.total(),
            **{outcome.value: self.counts[outcome] for outcome in Outcome},
            "unloaded_p50_ms": round(self.unloaded_ms, 1),
            "p50_ms": round(self.quantile(0.5), 1),
            "p99_ms": round(self.quantile(0.99), 1),
            "memory_mb": [round(held.memory_mb, 1) for held in self._held],
            "open_files": [held.open_files for held in self._held],
            "events": dict(self.events),
            "findings": self.findings,
        }

    def as_text(self) -> str:
        """A table for people."""
        figures = self.as_json()
        rows = [
            (name.replace("_", " "), _cell(value))
            for name, value in figures.items()
            if name not in ("events", "findings")
        ]
        events = ", ".join(f"{count} {event}" for event, count in self.events.items())
        return "\n".join([as_table(("figure", "value"), rows), events, *self.findings])

    @property
    def _held(self) -> list[Held]:
        return [held for held in (self.before, self.halfway, self.after) if held]

    def _growth(self) -> list[str]:
        if self.after is None:
            return []
        found = []
        before, after = self.before, self.after
        if after.memory_mb > before.memory_mb * _MOST_GROWTH + _SPARE_MB:
            found.append(f"memory grew from {before.memory_mb:.0f} to {after.memory_mb:.0f} MB")
        if after.open_files > before.open_files + _SPARE_FILES:
            found.append(f"open files grew from {before.open_files} to {after.open_files}")
        return found


def _cell(value: object) -> str:
    return " -> ".join(map(str, value)) if isinstance(value, list) else str(value)
