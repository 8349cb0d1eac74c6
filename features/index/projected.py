"""Exact search that looks at an eighth of the numbers: a lower bound rules most rows out.

Onto orthonormal directions no two vectors get farther apart, and what the projection leaves out
differs by at least the difference of its lengths. So for q and g with the projections p(.) and the
lengths r(.) of the rest

    |q - g|^2  >=  |p(q) - p(g)|^2 + (r(q) - r(g))^2,

a Euclidean distance in one number more than there are directions. Rows whose bound is above the
k-th true distance cannot be among the k nearest; the others are ranked in full. The directions are
about the principal ones of a sample, where vectors differ most.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.index.base import VectorIndex
from features.index.blocks import Blocks
from features.types import Neighbour, RowMask, Vectors

_DIRECTIONS = 160
_SAMPLE = 4_096
_ROUNDS = 3
_CHUNK = 8_192
_LARGE = 20_000  # rows
_FETCHED = 2_048  # rows at once, which stay in the processor's cache
_FIRST = 4  # times k: enough to know the k-th distance well
_FEW = 0.25  # of the rows: fetching those costs less than passing over all


@dataclass(frozen=True)
class Sketch:
    """What is kept of a block: its projections, the lengths of the rest, and the squares of both.

    `table` has shape (n, m + 2), so that one matrix product gives all bounds.
    """

    table: Vectors
    longest: float
    """The largest of the squares."""


class ProjectedIndex:
    """Keeps a sketch of each row; the vectors themselves are read where it matters."""

    rows: int

    def __init__(
        self,
        blocks: Sequence[Vectors],
        previous: VectorIndex | None = None,
        directions: Vectors | None = None,
        known: Sequence[Sketch | None] = (),
        scratch: Path | None = None,
    ) -> None:
        """Sketch the blocks.

        Args:
            previous: an index of an earlier version; its sketches of the very same blocks are
                taken over.
            directions: of sketches that are known already.
            known: these sketches, None for a block that has none.
            scratch: a folder where large sketches are kept instead of in memory, in files that
                vanish with the process.
        """
        before = previous if isinstance(previous, ProjectedIndex) and previous.rows else None
        known = known or [None] * len(blocks)
        filled = [(b, s) for b, s in zip(blocks, known, strict=True) if len(b)]
        self.gallery = Blocks([block for block, _ in filled])
        self.rows = self.gallery.rows
        if not self.rows:
            return
        if directions is None:
            directions = _directions(self.gallery.blocks) if before is None else before.directions
        self.directions: Vectors = directions
        taken = before._known() if before and before.directions is directions else {}
        self.sketches = [
            found or taken.get(id(block)) or sketch(block, directions, scratch)
            for block, found in filled
        ]
        self._longest = max(sketch.longest for sketch in self.sketches)

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""
        if not self.rows:
            return [[] for _ in queries]
        return [self._search_one(query, k, allow) for query in queries]

    def _known(self) -> dict[int, Sketch]:
        """The sketches by block: an index keeps its blocks, so no other has the same id."""
        kept = zip(self.gallery.blocks, self.sketches, strict=True)
        return {id(block): sketch for block, sketch in kept}

    def _search_one(self, query: Vectors, k: int, allow: RowMask | None) -> list[Neighbour]:
        rows = np.arange(self.rows) if allow is None else np.flatnonzero(allow)
        if not len(rows):
            return []
        bounds = self._bounds(query, rows)
        first = min(_FIRST * k, len(rows))
        chosen = np.argpartition(bounds, first - 1)[:first] if first < len(rows) else slice(None)
        nearest = self.gallery.nearest(query, rows[chosen], k)
        if first == len(rows):
            return nearest
        within = bounds <= nearest[-1].distance ** 2 + self._slack(query)
        within[chosen] = True
        return self.gallery.nearest(query, rows[within], k)

    def _bounds(self, query: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """A lower bound of the squared distance of some rows, but for rounding: (len(rows),)."""
        length, asked = _asked(query, self.directions)
        if len(rows) < _FEW * self.rows:
            parts = list(self._fetched(asked, rows))
        else:
            parts = [sketch.table @ asked for sketch in self.sketches]
        bounds: NDArray[np.float32] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if len(bounds) != len(rows):
            bounds = bounds[rows]
        bounds += length
        return bounds

    def _fetched(self, asked: Vectors, rows: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
        """The bounds of a few rows, ascending, without passing over the others."""
        cuts = np.searchsorted(rows, [*self.gallery.starts, self.rows])
        for place, sketch in enumerate(self.sketches):
            mine = rows[cuts[place] : cuts[place + 1]] - self.gallery.starts[place]
            for start in range(0, len(mine), _FETCHED):
                yield sketch.table[mine[start : start + _FETCHED]] @ asked

    def _slack(self, query: Vectors) -> float:
        """The worst rounding error of a bound: of the projections, and of the products after."""
        scale = self._longest + float(query @ query)
        return 4 * len(query) * float(np.finfo(np.float32).eps) * scale


def sketch(vectors: Vectors, directions: Vectors, scratch: Path | None = None) -> Sketch:
    """The sketch of a block, shape (n, dim), along some directions, shape (m, dim)."""
    table = _empty((len(vectors), len(directions) + 2), scratch)
    for start in range(0, len(vectors), _CHUNK):
        part = np.asarray(vectors[start : start + _CHUNK])
        _fill(table[start : start + len(part)], part, directions)
    return Sketch(table, float(table[:, -1].max(initial=0)))


def _empty(shape: tuple[int, int], scratch: Path | None) -> Vectors:
    if scratch is not None and shape[0] >= _LARGE:
        # A file that is mapped stays. Writing where a disk has no room would end the process, so
        # that is reserved, which macOS cannot.
        with suppress(OSError, AttributeError), tempfile.TemporaryFile(dir=scratch) as file:
            os.posix_fallocate(file.fileno(), 0, shape[0] * shape[1] * np.float32().nbytes)
            return np.memmap(file, np.float32, "r+", shape=shape).view(np.ndarray)
    return np.empty(shape, dtype=np.float32)


def _fill(table: Vectors, part: Vectors, directions: Vectors) -> None:
    kept = part @ directions.T
    length = np.einsum("ij,ij->i", part, part, dtype=np.float64)
    rest = length - np.einsum("ij,ij->i", kept, kept, dtype=np.float64)
    table[:, :-2] = kept
    table[:, -2] = np.sqrt(np.maximum(rest, 0))
    table[:, -1] = np.einsum("ij,ij->i", table[:, :-1], table[:, :-1])


def _asked(query: Vectors, directions: Vectors) -> tuple[float, Vectors]:
    """The square of the query's sketch, and what a table is multiplied with: shape (m + 2,)."""
    (asked,) = sketch(query[None], directions).table
    length = float(asked[-1])
    asked *= -2
    asked[-1] = 1
    return length, asked


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
