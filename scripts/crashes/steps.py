"""The work that is interrupted: for each seed another sequence of steps, the same every time."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from features.pictures import upload_location
from scripts.crashes.drawings import COUNT
from scripts.crashes.state import State, Thing

MOST = 60
"""A catalogue grows no further."""


@dataclass(frozen=True)
class Step:
    """One step, by the name of what performs it, with the catalogue that it leads to.

    `whole` steps are one commit; `product` is the one that an editor changes.
    """

    action: str
    after: State
    product: str = ""
    whole: bool = True


class _Chance:
    """Draws changes of catalogues."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def added(self, state: State) -> State:
        """The catalogue with some more products."""
        room = max(2, MOST - len(state))
        new = {self._name(): self._thing() for _ in range(self._random.randint(1, min(25, room)))}
        return {**state, **{self._unused(name, state): thing for name, thing in new.items()}}

    def changed(self, state: State) -> State:
        """Other words or other pictures for some of the products."""
        return {n: self._other(t) if self._random.random() < 0.4 else t for n, t in state.items()}

    def fewer(self, state: State) -> State:
        """Without some of the products; never without all."""
        kept = [name for name in state if self._random.random() < 0.8]
        return {name: state[name] for name in kept or list(state)[:1]}

    def one_of(self, state: State) -> str:
        """A product of the catalogue."""
        return self._random.choice(sorted(state))

    def likely(self, share: float) -> bool:
        """True that often."""
        return self._random.random() < share

    def put(self, state: State, *, upload: Callable[[int], str] | None = None) -> Step:
        """A step that adds a product or replaces one."""
        new = not state or (len(state) < MOST and self.likely(0.5))
        name = self._unused(self._name(), state) if new else self.one_of(state)
        return Step("put", {**state, name: self._thing(upload)}, name)

    def words(self, state: State) -> Step:
        """A step that gives a product another title."""
        name = self.one_of(state)
        return Step("words", {**state, name: Thing(self._title(), state[name].pictures)}, name)

    def delete(self, state: State) -> Step:
        """A step that removes a product."""
        name = self.one_of(state)
        return Step("delete", {n: t for n, t in state.items() if n != name}, name)

    def _name(self) -> str:
        return f"p{self._random.randrange(10**9)}"

    def _unused(self, name: str, state: State) -> str:
        return name if name not in state else self._unused(self._name(), state)

    def _title(self) -> str:
        return f"Thing {self._random.randrange(10**6)}"

    def _thing(self, upload: Callable[[int], str] | None = None) -> Thing:
        count = 1 if upload else self._random.randint(1, 3)
        numbers = [self._random.randrange(COUNT) for _ in range(count)]
        if upload is not None:
            return Thing(self._title(), {upload(number): number for number in numbers})
        folder = f"{self._random.randrange(10**9)}"
        return Thing(self._title(), {f"{folder}-{n}.png": d for n, d in enumerate(numbers)})

    def _other(self, thing: Thing) -> Thing:
        if self.likely(0.3):
            return Thing(self._title(), thing.pictures)
        if self.likely(0.3):
            return self._thing()
        # Uploads are named by what they hold: theirs alone cannot change.
        same = {at: n for at, n in thing.pictures.items() if at.startswith("upload:")}
        drawn = {at: self._random.randrange(COUNT) for at in thing.pictures if at not in same}
        return Thing(thing.title, {**same, **drawn})


def _import(state: State) -> Step:
    return Step("import", state, whole=False)


def _index(state: State, chance: _Chance) -> Iterator[Step]:
    while True:
        if len(state) >= MOST:
            state = dict(itertools.islice(state.items(), MOST // 4))
        else:
            state = chance.added(state)
        yield _import(state)


def _update(state: State, chance: _Chance) -> Iterator[Step]:
    while True:
        if chance.likely(0.4):
            step = _import(chance.changed(state))
        else:
            step = chance.words(state) if chance.likely(0.3) else chance.put(state)
        state = step.after
        yield step


def _delete(state: State, chance: _Chance) -> Iterator[Step]:
    while True:
        if len(state) < MOST // 6:
            step = _import(chance.added(state))
        else:
            step = _import(chance.fewer(state)) if chance.likely(0.3) else chance.delete(state)
        state = step.after
        yield step


def _compact(state: State, chance: _Chance) -> Iterator[Step]:
    while True:
        for _ in range(2):
            step = chance.put(state)
            state = step.after
            yield step
        yield Step("compact", state)


def _swap(state: State, chance: _Chance) -> Iterator[Step]:
    while True:
        replaced = chance.changed(state)
        yield Step("swap", replaced)
        if chance.likely(0.6):
            yield Step("back", state)
        else:
            state = replaced


def _http(state: State, chance: _Chance, upload: Callable[[int], str]) -> Iterator[Step]:
    while True:
        if len(state) < 2 or chance.likely(0.6):
            step = chance.put(state, upload=upload)
        else:
            step = chance.words(state) if chance.likely(0.4) else chance.delete(state)
        state = step.after
        yield step


KINDS = ("index", "update", "delete", "compact", "swap", "http-change")


def steps(kind: str, seed: int, state: State, digests: list[str]) -> Iterator[Step]:
    """The steps of one kind of work, without an end, from a catalogue on.

    Args:
        digests: the content hash of every drawing: uploads are named by them.
    """
    chance = _Chance(seed)
    if kind == "http-change":
        return _http(state, chance, lambda number: upload_location(digests[number]))
    sequences = {
        "index": _index, "update": _update, "delete": _delete, "compact": _compact, "swap": _swap
    }  # fmt: skip
    return sequences[kind](state, chance)
