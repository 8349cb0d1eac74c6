"""Exhaustive search with numpy over memory-mapped blocks: one pass, exact, nothing to build."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.index.base import VectorIndex
from features.index.blocks import Blocks
from features.types import Neighbour, RowMask, Vectors


class ExactIndex:
    """Scans |q - g|^2 = |q|^2 + |g|^2 - 2 q.g by matrix products, then ranks a short list exactly.

    float32 products carry a rounding error, so the short list holds every row whose scanned
    distance is within the worst error of the k-th: no true neighbour is cut.
    """

    def __init__(self, blocks: Sequence[Vectors], previous: VectorIndex | None = None) -> None:
        """Index the blocks; what `previous` computed for the very same ones is taken over."""
        known = previous._known() if isinstance(previous, ExactIndex) else {}
        self._gallery = Blocks(blocks)
        self.rows = self._gallery.rows
        self._squares = [
            known[id(block)] if id(block) in known else np.einsum("ij,ij->i", block, block)
            for block in self._gallery.blocks
        ]
        self._longest = max((float(s.max()) for s in self._squares), default=0.0)

    def _known(self) -> dict[int, NDArray[np.float32]]:
        """The squares by block: an index keeps its blocks, so no other has the same id."""
        kept = zip(self._gallery.blocks, self._squares, strict=True)
        return {id(block): squares for block, squares in kept}

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""
        if not self.rows:
            return [[] for _ in queries]
        return [self._search_one(query, k, allow) for query in queries]

    def _search_one(self, query: Vectors, k: int, allow: RowMask | None) -> list[Neighbour]:
        scanned = self._scan(query)
        allowed = np.flatnonzero(allow) if allow is not None else None
        values = scanned if allowed is None else scanned[allowed]
        if not len(values):
            return []
        chosen = short_list(values, k, self._rounding(query))
        rows = chosen if allowed is None else allowed[chosen]
        return self._gallery.nearest(query, rows, k)

    def _scan(self, query: Vectors) -> NDArray[np.float32]:
        """|g|^2 - 2 q.g of every row; |q|^2 is the same for all and left out."""
        parts = [
            squares - 2 * (block @ query)
            for block, squares in zip(self._gallery.blocks, self._squares, strict=True)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _rounding(self, query: Vectors) -> float:
        scale = self._longest + float(query @ query)
        return 2 * len(query) * float(np.finfo(np.float32).eps) * scale


def short_list(values: NDArray[np.float32], k: int, slack: float) -> NDArray[np.int64]:
    """The places of all values that may be among the k least, known but for some slack."""
    if k >= len(values):
        return np.arange(len(values), dtype=np.int64)
    kth = float(np.partition(values, k - 1)[k - 1])
    return np.flatnonzero(values <= kth + slack).astype(np.int64)
