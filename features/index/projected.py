"""Exact search that looks at an eighth of the numbers: a lower bound rules most rows out.

Onto orthonormal directions no two vectors get farther apart, and what the projection leaves out
differs by at least the difference of its lengths. So for q and g with the projections p(.) and the
lengths r(.) of the rest

    |q - g|^2  >=  |p(q) - p(g)|^2 + (r(q) - r(g))^2,

a Euclidean distance in one number more than there are directions. Rows whose bound is above the
k-th true distance cannot be among the k nearest; the others are ranked in full. The directions are
about the principal ones of a sample, where vectors differ most.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.index.base import VectorIndex
from features.index.ranking import block_starts, gather, rank
from features.types import Neighbour, RowMask, Vectors

_DIRECTIONS = 160
_SAMPLE = 4_096
_ROUNDS = 3
_CHUNK = 8_192
_RANKED = 2_048  # rows at once: they stay in the processor's cache, and memory stays small
_FIRST = 4  # times k: enough to know the k-th distance well


class ProjectedIndex:
    """Keeps a sketch of each row in memory; the vectors themselves are read where it matters."""

    rows: int

    def __init__(self, blocks: Sequence[Vectors], previous: VectorIndex | None = None) -> None:
        """Sketch the blocks; those of `previous` for the very same blocks are taken over."""
        before = previous if isinstance(previous, ProjectedIndex) and previous.rows else None
        self._blocks = [block for block in blocks if len(block)]
        self._starts = block_starts(self._blocks) if self._blocks else np.zeros(0, np.int64)
        self.rows = sum(len(block) for block in self._blocks)
        if not self._blocks:
            return
        self._directions: Vectors = (
            _directions(self._blocks) if before is None else before._directions
        )
        known = {} if before is None else before._known()
        self._sketches = [
            known[id(block)] if id(block) in known else _sketch(block, self._directions)
            for block in self._blocks
        ]
        self._squares = [np.einsum("ij,ij->i", sketch, sketch) for sketch in self._sketches]
        self._longest = max(float(squares.max()) for squares in self._squares)

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""
        if not self.rows:
            return [[] for _ in queries]
        return [self._search_one(query, k, allow) for query in queries]

    def _known(self) -> dict[int, Vectors]:
        """The sketches by block: an index keeps its blocks, so no other has the same id."""
        return {id(b): sketch for b, sketch in zip(self._blocks, self._sketches, strict=True)}

    def _search_one(self, query: Vectors, k: int, allow: RowMask | None) -> list[Neighbour]:
        bounds = self._bounds(query)
        rows = np.arange(self.rows) if allow is None else np.flatnonzero(allow)
        if allow is not None:
            bounds = bounds[rows]
        if not len(rows):
            return []
        first = min(_FIRST * k, len(rows))
        chosen = np.argpartition(bounds, first - 1)[:first] if first < len(rows) else slice(None)
        nearest = self._ranked(query, rows[chosen], k)
        if first == len(rows):
            return nearest
        within = bounds <= nearest[-1].distance ** 2 + self._slack(query)
        within[chosen] = True
        return self._ranked(query, rows[within], k)

    def _bounds(self, query: Vectors) -> NDArray[np.float32]:
        """A lower bound of each row's squared distance, but for rounding."""
        (sketch,) = _sketch(query[None], self._directions)
        length = float(sketch @ sketch)
        parts = [
            squares - 2 * (sketches @ sketch)
            for squares, sketches in zip(self._squares, self._sketches, strict=True)
        ]
        bounds: NDArray[np.float32] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        bounds += length
        return bounds

    def _slack(self, query: Vectors) -> float:
        """The worst rounding error of a bound: of the projections, and of the products after."""
        scale = self._longest + float(query @ query)
        return 4 * len(query) * float(np.finfo(np.float32).eps) * scale

    def _ranked(self, query: Vectors, rows: NDArray[np.int64], k: int) -> list[Neighbour]:
        nearest: list[Neighbour] = []
        for start in range(0, len(rows), _RANKED):
            part = rows[start : start + _RANKED]
            nearest += rank(query, part, gather(self._blocks, self._starts, part), k)
        return sorted(nearest, key=lambda near: (near.distance, near.row))[:k]


def _directions(blocks: Sequence[Vectors]) -> Vectors:
    """Orthonormal rows along which a sample of the vectors varies most: shape (m, dim).

    Found by a randomised range finder (Halko, Martinsson and Tropp, 2011): a bound needs no more.
    """
    step = max(1, sum(map(len, blocks)) // _SAMPLE)
    sample = np.concatenate([block[::step] for block in blocks])
    centred = sample - sample.mean(axis=0)
    dim = centred.shape[1]
    random = np.random.default_rng(0).normal(size=(dim, min(_DIRECTIONS, dim)))
    basis = random.astype(np.float32)
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(centred.T @ (centred @ basis))
    return np.ascontiguousarray(basis.T, dtype=np.float32)


def _sketch(vectors: Vectors, directions: Vectors) -> Vectors:
    """Projections, and the length of what they leave out: shape (n, m + 1)."""
    sketch = np.empty((len(vectors), len(directions) + 1), dtype=np.float32)
    for start in range(0, len(vectors), _CHUNK):
        part = np.asarray(vectors[start : start + _CHUNK])
        kept = part @ directions.T
        rest = np.einsum("ij,ij->i", part, part, dtype=np.float64) - np.einsum(
            "ij,ij->i", kept, kept, dtype=np.float64
        )
        sketch[start : start + len(part), :-1] = kept
        sketch[start : start + len(part), -1] = np.sqrt(np.maximum(rest, 0))
    return sketch
