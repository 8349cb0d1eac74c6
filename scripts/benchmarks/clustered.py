"""Vectors as pictures of products lie: of length 1, around centres that some of them share."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from features.types import Vectors

EACH = 100  # vectors around a centre
SPREAD = 0.5
_LOT = 20_000


def clustered(
    random: np.random.Generator, n: int, dim: int, centres: int | None = None
) -> Iterator[Vectors]:
    """Lots of vectors, n in all: shapes (n_i, dim).

    Args:
        centres: by default one for each hundred vectors.
    """
    shape = (centres or max(1, n // EACH), dim)
    around = random.standard_normal(shape, dtype=np.float32)
    for start in range(0, n, _LOT):
        points = around[random.integers(len(around), size=min(_LOT, n - start))]
        points += SPREAD * random.standard_normal(points.shape, dtype=np.float32)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        yield points


def clustered_file(
    path: Path,
    random: np.random.Generator,
    n: int,
    queries: int,
    dim: int,
    centres: int | None = None,
) -> Vectors:
    """Write n vectors to a .npy file; returns queries from the same clusters: (queries, dim)."""
    written = np.lib.format.open_memmap(path, "w+", np.float32, (n, dim))
    asked = np.empty((queries, dim), dtype=np.float32)
    done = 0
    for lot in clustered(random, n + queries, dim, centres or max(1, n // EACH)):
        kept = min(len(lot), n - done)
        written[done : done + kept] = lot[:kept]
        if kept < len(lot):
            first = done + kept - n
            asked[first : first + len(lot) - kept] = lot[kept:]
        done += len(lot)
    written.flush()
    return asked
