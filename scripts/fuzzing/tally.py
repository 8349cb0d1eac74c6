"""What became of all files of a run, by what they had been; as a table, or for machines."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.benchmarks.table import as_table
from scripts.fuzzing.watching import Outcome, Result

GROWTH_MB = 48.0
"""What a process may hold more at the end of a run than after its first tenth."""


@dataclass
class Tally:
    """The results of a run, in their order."""

    results: list[Result] = field(default_factory=list)

    @property
    def findings(self) -> list[Result]:
        """What may not be."""
        return [result for result in self.results if result.outcome.is_finding]

    @property
    def growth_mb(self) -> float:
        """From the second tenth of the run to the last, the medians of what was held."""
        held = [result.memory_mb for result in self.results]
        tenth = len(held) // 10
        if not tenth:
            return 0.0
        return statistics.median(held[-tenth:]) - statistics.median(held[tenth : 2 * tenth])

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and self.growth_mb <= GROWTH_MB

    def as_text(self) -> str:
        """A row for each format, and one for all."""
        rows = [_row(name, results) for name, results in self._by_format().items()]
        table = as_table(("", *Outcome, "slowest s"), [*rows, _row("all", self.results)])
        return f"{table}\n\nmemory {self.growth_mb:+.1f} MB over the run"

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return {
            "cases": len(self.results),
            **Counter(result.outcome.value for result in self.results),
            "slowest_s": max((result.cpu_s for result in self.results), default=0.0),
            "growth_mb": round(self.growth_mb, 1),
            "refusals": Counter(r.detail for r in self.results if r.outcome is Outcome.REFUSED),
        }

    def _by_format(self) -> dict[str, list[Result]]:
        found: dict[str, list[Result]] = defaultdict(list)
        for result in self.results:
            found[result.origin].append(result)
        return found


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    count = Counter(result.outcome for result in results)
    slowest = max((result.cpu_s for result in results), default=0.0)
    return (name, *(str(count[outcome]) for outcome in Outcome), f"{slowest:.2f}")
