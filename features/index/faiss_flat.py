"""FAISS `IndexFlatL2`: the reference that the exact scan is compared with."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.errors import DependencyMissingError
from features.index.ranking import block_starts, gather, rank
from features.types import Neighbour, RowMask, Vectors

# FAISS sums squares in another order; a few more than k rows let exact ranking settle near ties.
_SPARE = 32


class FaissFlatIndex:
    """An exhaustive FAISS scan. Copies all vectors into memory, unlike the numpy scan."""

    def __init__(self, blocks: Sequence[Vectors]) -> None:
        try:
            import faiss
        except ImportError as error:
            raise DependencyMissingError(
                "the index 'faiss' needs the package faiss-cpu: pip install faiss-cpu"
            ) from error
        self._faiss: Any = faiss  # its stubs lag behind the parameters it takes
        self._blocks = [block for block in blocks if len(block)]
        self._starts = block_starts(self._blocks) if self._blocks else np.zeros(0, np.int64)
        self.rows = sum(len(block) for block in self._blocks)
        self._index: Any = faiss.IndexFlatL2(self._blocks[0].shape[1] if self._blocks else 1)
        for block in self._blocks:
            self._index.add(np.ascontiguousarray(block, dtype=np.float32))

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""
        if not self.rows:
            return [[] for _ in queries]
        asked = min(k + _SPARE, self.rows)
        _, found = self._index.search(
            np.ascontiguousarray(queries, np.float32), asked, params=self._filter(allow)
        )
        results = []
        for query, rows in zip(queries, found, strict=True):
            real = rows[rows >= 0]  # FAISS pads short answers with -1
            results.append(rank(query, real, gather(self._blocks, self._starts, real), k))
        return results

    def _filter(self, allow: RowMask | None) -> object | None:
        if allow is None:
            return None
        selector = self._faiss.IDSelectorBatch(np.flatnonzero(allow).astype(np.int64))
        parameters: object = self._faiss.SearchParameters(sel=selector)
        return parameters
