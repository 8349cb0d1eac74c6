"""What a fault did."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class SkippedError(Exception):
    """The fault cannot be brought about on this machine."""


@dataclass(frozen=True)
class Outcome:
    """Counts of one fault, and what should not have happened."""

    fault: str
    counts: Mapping[str, float] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    skipped: str = ""
    """Why it was not brought about."""

    def as_text(self) -> str:
        """One line, and one for each problem."""
        told = ", ".join(f"{name} {_number(count)}" for name, count in self.counts.items())
        head = f"{self.fault}: {f'skipped, {self.skipped}' if self.skipped else told}"
        return "\n".join([head, *(f"  PROBLEM: {problem}" for problem in self.problems)])


def judged(fault: str, counts: Mapping[str, float], **wanted: bool) -> Outcome:
    """The outcome, with a problem for each expectation that is not met, by its name."""
    failed = tuple(name.replace("_", " ") for name, met in wanted.items() if not met)
    return Outcome(fault, counts, failed)


def _number(count: float) -> str:
    return f"{count:,}" if isinstance(count, int) else f"{count:.2f}"
