"""The vectors of a gallery: blocks in memory or memory-mapped, their rows numbered through."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.index.ranking import rank
from features.types import Neighbour, Vectors

_RANKED = 2_048  # rows at once: they stay in the processor's cache, and memory stays small


class Blocks:
    """Some blocks, those without rows left out: their shapes are (n_i, dim)."""

    def __init__(self, blocks: Sequence[Vectors]) -> None:
        self.blocks = [block for block in blocks if len(block)]
        self.starts = np.cumsum([0, *(len(block) for block in self.blocks)])[:-1]
        self.rows = sum(len(block) for block in self.blocks)

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        """The vectors of some rows, in their order: shape (len(rows), dim)."""
        if len(self.blocks) == 1:
            return self.blocks[0][rows]
        picked = np.empty((len(rows), self.blocks[0].shape[1]), dtype=np.float32)
        owner = np.searchsorted(self.starts, rows, side="right") - 1
        for place in np.unique(owner):
            mine = owner == place
            picked[mine] = self.blocks[place][rows[mine] - self.starts[place]]
        return picked

    def nearest(self, query: Vectors, rows: NDArray[np.int64], k: int) -> list[Neighbour]:
        """The k nearest of some rows, by true distance, then row number."""
        found: list[Neighbour] = []
        for start in range(0, len(rows), _RANKED):
            part = rows[start : start + _RANKED]
            found += rank(query, part, self.take(part), k)
        return nearest_of(found, k) if len(rows) > _RANKED else found


def nearest_of(neighbours: Sequence[Neighbour], k: int) -> list[Neighbour]:
    """The k nearest of some neighbours, by distance, then row."""
    return sorted(neighbours, key=lambda near: (near.distance, near.row))[:k]
