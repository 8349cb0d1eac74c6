"""What Atheris runs in: `python -m scripts.fuzzing.guiding KIND SEED SCRATCH ... FOLDER`.

It is one of its own: Atheris watches modules from their import on, and its run ends the process.
"""

import random
import sys
from contextlib import suppress
from pathlib import Path

import atheris

from features.errors import VisualSearchError
from scripts.fuzzing.cases import seeds_of
from scripts.fuzzing.mutations import mutated

_WATCHED = ["features.catalog", "features.pictures", "zipfile", "csv", "html", "xml"]

with atheris.instrument_imports(include=_WATCHED):
    from scripts.fuzzing.targets import TARGETS, throw


def main() -> None:
    """Never returns."""
    kind, seed, scratch, *options = sys.argv[1:]
    seeds, target = seeds_of(kind), TARGETS[kind]
    for name, data in seeds.items():
        (Path(options[-1]) / f"{name}.seed").write_bytes(data)

    def damage(data: bytes, most: int, number: int) -> bytes:
        """By turns as this project does, which knows the formats' pieces, and as libFuzzer does."""
        chance = random.Random(f"{seed}/{number}")
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, chance, tuple(seeds.values()), text=kind == "feeds")[:most]

    def read(data: bytes) -> None:
        with suppress(VisualSearchError):
            throw(data, target, Path(scratch))

    atheris.Setup([sys.argv[0], *options], read, custom_mutator=damage)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
