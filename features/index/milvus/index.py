"""The index contract over a collection: the engine finds candidates, the store's vectors decide."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features.index.base import VectorIndex
from features.index.blocks import Blocks
from features.index.milvus.address import MilvusAddress
from features.index.milvus.client import MOST_FOUND, Collection, Found
from features.index.milvus.keys import KeyTable
from features.index.milvus.records import read_store_record
from features.index.milvus.schema import KEY
from features.index.milvus.sync import sync
from features.index.milvus.terms import expression
from features.index.scope import Scope
from features.store import StoreView
from features.types import Neighbour, RowMask, Vectors

_SPARE = 32
_NAMED = 4_096  # keys in one expression
_RANKED = 2_048
_TOGETHER = 50  # queries in one call

Allowed = Callable[[], RowMask | None]


def open_index(
    view: StoreView, address: MilvusAddress, previous: VectorIndex | None = None
) -> "MilvusIndex":
    """The index of a store's version, whose collection is brought up to date first.

    Args:
        previous: the index of an earlier version, whose connection is taken over.

    Raises:
        IndexEngineError: the engine is away or refuses, or the collection is another store's.
    """
    known = previous.collection if isinstance(previous, MilvusIndex) else None
    name = address.collection(view.spec)
    if known is None or (known.address, known.name) != (address, name):
        known = Collection(address, name)
    return _opened(view, known)


def _opened(view: StoreView, collection: Collection) -> "MilvusIndex":
    sync(view, collection)
    return MilvusIndex(view, collection)


class MilvusIndex:
    """One version of a store in Milvus.

    A search never mixes versions. Rows that this version does not know are dropped. After the
    search the collection is asked which versions it answers for; if this one was no longer among
    them, the answer is computed from the store's own files instead, which is slow and right.
    """

    def __init__(self, view: StoreView, collection: Collection) -> None:
        self.rows = len(view.live)
        self.collection = collection
        self._view = view
        self._keys = KeyTable(view)
        self._gallery = Blocks(view.blocks)

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`; deleted rows are never found."""
        allowed = self._view.live if allow is None else self._view.live & allow
        return self._search(queries, k, self._mask_expression(allowed), lambda: allowed)

    def search_scope(self, queries: Vectors, k: int, scope: Scope) -> list[list[Neighbour]]:
        """See `ScopedIndex.search_scope`: the filters run in the engine."""
        filters = expression(scope.filters)
        excluded = [row for key in scope.exclude for row in self._view.rows_of(key)]
        if filters is None or len(excluded) > _NAMED:
            return self.search(queries, k, scope.rows())
        others = self._naming("not in", np.array(excluded, dtype=np.int64)) if excluded else ""
        text = " and ".join(part for part in (filters, others) if part)
        return self._search(queries, k, text, scope.rows, checked=True)

    def _search(
        self, queries: Vectors, k: int, text: str | None, allowed: Allowed, *, checked: bool = False
    ) -> list[list[Neighbour]]:
        """`checked`: the expression says all that `allowed` does."""
        if not self.rows:
            return [[] for _ in queries]
        if text is None:
            return [self._scanned(query, k, allowed()) for query in queries]
        mask = self._view.live if checked else allowed()
        found = [
            near
            for start in range(0, len(queries), _TOGETHER)
            for near in self._nearest(queries[start : start + _TOGETHER], k, text, mask)
        ]
        answers = self._answers()
        return [
            near if answers and near is not None else self._scanned(query, k, allowed())
            for query, near in zip(queries, found, strict=True)
        ]

    def _answers(self) -> bool:
        record = read_store_record(self.collection)
        return record is not None and record.answers(self._view.version)

    def _nearest(
        self, queries: Vectors, k: int, text: str, mask: RowMask | None
    ) -> list[list[Neighbour] | None]:
        asked = min(k + _SPARE, MOST_FOUND)
        answers = self.collection.search(queries, asked, text)
        return [
            self._widened(query, k, text, mask, found, asked)
            for query, found in zip(queries, answers, strict=True)
        ]

    def _widened(
        self, query: Vectors, k: int, text: str, mask: RowMask | None, found: Found, asked: int
    ) -> list[Neighbour] | None:
        """Search on until no row outside can be nearer; None where that is too wide."""
        while True:
            rows = self._rows_of([key for key, _ in found], mask)
            nearest = self._gallery.nearest(query, rows, k) if len(rows) else []
            if len(found) < asked or _is_certain(query, nearest, k, found[-1][1]):
                return nearest
            if asked == MOST_FOUND:
                return None
            asked = min(4 * asked, MOST_FOUND)
            (found,) = self.collection.search(query[None], asked, text)

    def _rows_of(self, keys: list[int], mask: RowMask | None) -> NDArray[np.int64]:
        known = (self._keys.row(key) for key in keys)
        rows = [row for row in known if row is not None and (mask is None or mask[row])]
        return np.array(rows, dtype=np.int64)

    def _mask_expression(self, allowed: RowMask) -> str | None:
        """A mask in the engine's language as far as it is short; None for few rows or none.

        A longer one is left to `_nearest`, which drops what it does not allow.
        """
        rows = np.flatnonzero(allowed)
        if not len(rows):
            return None
        if len(rows) <= _NAMED < self.rows:
            return self._naming("in", rows)
        others = np.flatnonzero(self._view.live & ~allowed)
        return self._naming("not in", others) if 0 < len(others) <= _NAMED else ""

    def _naming(self, operator: str, rows: NDArray[np.int64]) -> str:
        return f"{KEY} {operator} [{', '.join(map(str, self._keys.of(rows).tolist()))}]"

    def _scanned(self, query: Vectors, k: int, mask: RowMask | None) -> list[Neighbour]:
        """The same answer from the store's files, a few thousand vectors in memory at once."""
        live = self._view.live
        rows = np.flatnonzero(live if mask is None else live & mask).astype(np.int64)
        nearest: list[Neighbour] = []
        for start in range(0, len(rows), _RANKED):
            part = rows[start : start + _RANKED]
            nearest += self._gallery.nearest(query, part, k)
            nearest = sorted(nearest, key=lambda near: (near.distance, near.row))[:k]
        return nearest


def _is_certain(query: Vectors, nearest: list[Neighbour], k: int, last: float) -> bool:
    """Whether every row at or below the k-th distance was among those that the engine returned.

    It sums in float32, maybe of expanded squares: the error is a share of the squared lengths, and
    a vector at that distance is no longer than the query and the distance together.
    """
    if len(nearest) < k:
        return False
    kth = nearest[-1].distance
    limits = np.finfo(np.float32)
    longest = float(np.linalg.norm(query.astype(np.float64))) + kth
    slack = 8 * len(query) * (float(limits.eps) * longest**2 + float(limits.tiny))
    return bool(np.isfinite(last)) and last > kth**2 + slack
