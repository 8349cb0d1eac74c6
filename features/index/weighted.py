"""The nearest by vectors whose numbers count otherwise, out of those that a gallery holds.

Up to `WHOLE` rows all are scanned, so that the answer is exact. In a larger gallery the
`SHORT_LIST` rows that are nearest without the weights are ranked by them: what looks nothing like
the query stays out, and no more vectors are read than a search without weights reads.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.index.base import VectorIndex
from features.index.blocks import Blocks
from features.index.exact import short_list
from features.index.scope import Scope, search_scope
from features.parts import weighted
from features.types import Neighbour, RowMask, Vectors

WHOLE = 20_000
SHORT_LIST = 1_000
_CHUNK = 2_048  # rows at once, which stay in the processor's cache

Plainly = Callable[[Vectors, int], list[Neighbour]]
"""The k nearest rows of a query, shape (dim,), without the weights."""


class WeightedIndex:
    """An index over the same rows as another, by weighted vectors; true distances of these.

    Queries are given without the weights.
    """

    def __init__(self, plain: VectorIndex, blocks: Sequence[Vectors], weights: Vectors) -> None:
        self.rows = plain.rows
        self._plain = plain
        self._gallery = _WeightedBlocks(blocks, weights)

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""

        def plainly(query: Vectors, k: int) -> list[Neighbour]:
            return self._plain.search(query[None], k, allow)[0]

        return [self._nearest(query, k, lambda: allow, plainly) for query in queries]

    def search_scope(self, queries: Vectors, k: int, scope: Scope) -> list[list[Neighbour]]:
        """See `ScopedIndex.search_scope`."""

        def plainly(query: Vectors, k: int) -> list[Neighbour]:
            return search_scope(self._plain, query[None], k, scope)[0]

        return [self._nearest(query, k, scope.rows, plainly) for query in queries]

    def _nearest(
        self, query: Vectors, k: int, allowed: Callable[[], RowMask | None], plainly: Plainly
    ) -> list[Neighbour]:
        if not self.rows:
            return []
        asked = self._gallery.weighted(query)
        if self.rows <= WHOLE:
            rows = self._gallery.likely(asked, k, allowed())
        else:
            near = plainly(query, max(k, SHORT_LIST))
            rows = np.array([neighbour.row for neighbour in near], dtype=np.int64)
        return self._gallery.nearest(asked, rows, k) if len(rows) else []


class _WeightedBlocks(Blocks):
    """Blocks as they are, whose rows are weighted when they are taken."""

    def __init__(self, blocks: Sequence[Vectors], weights: Vectors) -> None:
        super().__init__(blocks)
        self._weights = weights

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        """See `Blocks.take`."""
        return weighted(super().take(rows), self._weights)

    def weighted(self, query: Vectors) -> Vectors:
        """A query among these: shape (dim,)."""
        (asked,) = weighted(query[None], self._weights)
        found: Vectors = asked
        return found

    def likely(self, asked: Vectors, k: int, allow: RowMask | None) -> NDArray[np.int64]:
        """All allowed rows that can be among the k nearest of a weighted query."""
        scanned = self._scan(asked)
        if allow is None:
            return short_list(scanned, k, _rounding(len(asked)))
        allowed = np.flatnonzero(allow)
        return allowed[short_list(scanned[allowed], k, _rounding(len(asked)))]

    def _scan(self, asked: Vectors) -> NDArray[np.float32]:
        """|g|^2 - 2 q.g of every weighted row g, without weighting it."""
        turned = asked * self._weights
        parts = [
            (shares > 0) - 2 * shares * (block @ turned)
            for block, shares in zip(self.blocks, self._shares, strict=True)
        ]
        return np.concatenate(parts)

    @cached_property
    def _shares(self) -> list[NDArray[np.float32]]:
        """By block 1 / the length of each row with its weights; 0 of a row without a length."""
        return [
            np.concatenate(
                [
                    _inverse_lengths(block[start : start + _CHUNK], self._weights)
                    for start in range(0, len(block), _CHUNK)
                ]
            )
            for block in self.blocks
        ]


def _inverse_lengths(vectors: Vectors, weights: Vectors) -> NDArray[np.float32]:
    lengths = np.sqrt(np.square(vectors) @ np.square(weights))
    shares: NDArray[np.float32] = np.divide(
        1, lengths, out=np.zeros_like(lengths), where=lengths > 0
    )
    return shares


def _rounding(dim: int) -> float:
    """The worst error of a scanned value: of the products, and of the lengths."""
    return 8 * dim * float(np.finfo(np.float32).eps)
