"""The cases of a run: each is made from its seed and its number alone, and so can be made again."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from scripts.fuzzing.archive_seeds import archive_seeds
from scripts.fuzzing.feed_seeds import feed_seeds
from scripts.fuzzing.mutations import mutated
from scripts.fuzzing.picture_seeds import picture_seeds
from scripts.fuzzing.video_seeds import video_seeds

_SEEDS: Mapping[str, Callable[[], dict[str, bytes]]] = {
    "pictures": picture_seeds,
    "uploads": picture_seeds,
    "feeds": feed_seeds,
    "archives": archive_seeds,
    "videos": video_seeds,
}
KINDS = tuple(_SEEDS)


@dataclass(frozen=True)
class Case:
    """One bad file."""

    number: int
    origin: str
    """The name of the sound file that it was."""
    data: bytes


@dataclass(frozen=True)
class Cases:
    """All cases of a kind and a seed; the sound files are the first of them."""

    kind: str
    seed: int

    def __getitem__(self, number: int) -> Case:
        """The case of a number, from 0 on."""
        seeds = seeds_of(self.kind)
        origin = list(seeds)[number % len(seeds)]
        if number < len(seeds):
            return Case(number, origin, seeds[origin])
        chance = random.Random(f"{self.kind}/{self.seed}/{number}")
        others = tuple(seeds.values())
        data = mutated(seeds[origin], chance, others, text=self.kind == "feeds")
        return Case(number, origin, data)

    def name(self, number: int) -> str:
        """Of what is kept of a finding."""
        return f"{self.kind}-{self.seed}-{number}"

    def again(self, number: int) -> str:
        """The options that ask a case again."""
        return f"--seed {self.seed} --only {number}"


@cache
def seeds_of(kind: str) -> dict[str, bytes]:
    """The sound files by what they are."""
    return _SEEDS[kind]()
