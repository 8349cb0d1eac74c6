"""Round after round: work begins, is killed, and what it left is held against what it said."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from features.errors import VisualSearchError
from scripts.crashes.drawings import Drawings, Thumbnails, extractor_named
from scripts.crashes.shop import Shop
from scripts.crashes.state import State, losses
from scripts.crashes.steps import KINDS, Step, steps
from scripts.crashes.victims import Record, ServerProcess, Victim, Work, WorkerProcess

HTTP_KIND = "http-change"
_TRUE_EXTRACTOR = "efficientnet_lite2_shop"
_TRUE_IMPORTS = 0.15
_LONGEST_S = 0.6
_FRESH_START = 0.1
_FILE_WAIT_S = 0.05


@dataclass(frozen=True)
class Outcome:
    """One kill: in which work, in which of its steps, if in one, and what was wrong after it."""

    number: int
    kind: str
    extractor: str
    record: Record
    action: str | None
    losses: tuple[str, ...]


@dataclass
class Tally:
    """The kills of a run."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def kills(self) -> Counter[str]:
        """By kind of work."""
        return Counter(outcome.kind for outcome in self.outcomes)

    @property
    def inside(self) -> Counter[str]:
        """By kind of work, those that fell into a step rather than between two."""
        return Counter(outcome.kind for outcome in self.outcomes if outcome.action is not None)

    @property
    def acknowledged(self) -> int:
        """Steps that had been acknowledged."""
        return sum(outcome.record.done for outcome in self.outcomes)

    @property
    def losses(self) -> list[str]:
        """What was wrong, with the round."""
        return [f"kill {o.number}: {loss}" for o in self.outcomes for loss in o.losses]


class CrashTest:
    """Two shops, one with a true extractor, are worked on and killed; see `run`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._folder = folder
        self._cases: dict[str, _Case] = {}

    def run(self, kills: int, kinds: tuple[str, ...] = KINDS) -> Iterator[Outcome]:
        """Kill so often, the kinds of work by turns. Ends after the first loss."""
        for number in range(1, kills + 1):
            kind = kinds[(number - 1) % len(kinds)]
            outcome = self._round(number, kind)
            yield outcome
            if outcome.losses:
                return

    def _round(self, number: int, kind: str) -> Outcome:
        true = kind == HTTP_KIND or (kind == "index" and self._chance.random() < _TRUE_IMPORTS)
        case = self._case(_TRUE_EXTRACTOR if true else Thumbnails.spec.name)
        case.prepare(kind, anew=kind == "index" and self._chance.random() < _FRESH_START)
        seed = self._chance.randrange(2**32)
        work = Work(case.shop.folder, case.shop.name, kind, seed, case.state)
        victim: Victim = ServerProcess(work) if kind == HTTP_KIND else WorkerProcess(work)
        self._wait(case.shop)
        record = victim.kill()
        before, step = _where(work, record, case.shop.drawings.digests)
        found_losses = tuple(case.check(before, step, in_flight=record.begun > record.done))
        return Outcome(
            number,
            kind,
            case.shop.name,
            record,
            step.action if record.begun > record.done else None,
            found_losses,
        )

    def _case(self, extractor: str) -> "_Case":
        if extractor not in self._cases:
            drawings = Drawings(extractor_named(extractor))
            self._cases[extractor] = _Case(Shop(self._folder / extractor / "shop", drawings))
        return self._cases[extractor]

    def _wait(self, shop: Shop) -> None:
        """Microseconds or tenths of a second; often on until a file is just being written."""
        aim = self._chance.random()
        if aim < 0.25:
            time.sleep(10 ** self._chance.uniform(-5, -2))
            return
        time.sleep(self._chance.uniform(0, _LONGEST_S))
        if aim < 0.6:
            pattern = self._chance.choice(["*/*.draft", "*.draft", "*/vectors-*", "*/deleted-*"])
            _wait_for_file(shop.stores.folder, pattern)


class _Case:
    """One shop between kills."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.state: State = {}

    def prepare(self, kind: str, *, anew: bool) -> None:
        """A shop with something in it, or none at all."""
        if anew:
            shutil.rmtree(self.shop.folder, ignore_errors=True)
            self.state = {}
        elif not self.state:
            self.state = next(steps("index", 0, {}, self.shop.drawings.digests)).after
            self.shop.follow(self.state)

    def check(self, before: State, step: Step, *, in_flight: bool) -> Iterator[str]:
        """What is wrong now, and after the next run; that one does what the step was to do."""
        try:
            found = self.shop.found()
            after = step.after if in_flight else before
            yield from losses(found, before, after, whole=step.whole)
            self.shop.tidy()
            self.shop.follow(step.after)
            self.state = self.shop.found()
            if self.state != step.after:
                yield "the next run did not make the store what the catalogue says"
        except (VisualSearchError, OSError, ValueError, IndexError) as error:
            yield f"{type(error).__name__}: {error}"


def _where(work: Work, record: Record, digests: list[str]) -> tuple[State, Step]:
    """The state that was acknowledged last, and the step that came next."""
    begun = list(islice(steps(work.kind, work.seed, work.state, digests), record.done + 1))
    before = begun[-2].after if record.done else work.state
    return before, begun[-1]


def _wait_for_file(folder: Path, pattern: str) -> None:
    there = set(folder.glob(pattern))
    until = time.monotonic() + _FILE_WAIT_S
    while time.monotonic() < until:
        with suppress(FileNotFoundError):  # a folder that was just deleted
            if not set(folder.glob(pattern)) <= there:
                return
