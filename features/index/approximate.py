"""Approximate search with true distances: an engine names likely rows, their vectors rank them.

The engine is built once over the rows that there are. Later rows are searched exactly beside it,
and rows that left are passed over, until so much has changed that building it again pays.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil

import numpy as np
from numpy.typing import NDArray

from features.index.blocks import nearest_of
from features.index.built import Built
from features.index.masked import MaskedCodes
from features.index.projected import ProjectedIndex
from features.types import Neighbour, RowMask, Vectors

WORTH_IT = 20_000
"""Rows below which the exact search is as quick."""

_GROWN = 0.1  # of all rows
_SHRUNK = 0.25  # of the rows that the engine was built over
_ACCEPTED = 0.99  # recall; of data that no engine can tell apart the exact search is better
_MOST = 500  # neighbours; longer lists are searched exactly
_MANY = 0.3  # of all rows: where a mask leaves more, the engine's answers are masked


class ApproximateIndex:
    """An engine over most rows of a gallery, and the exact index over all of them."""

    def __init__(
        self, exact: ProjectedIndex, built: Built | None = None, covered: Sequence[int | None] = ()
    ) -> None:
        """Join them.

        Args:
            exact: over the gallery as it is now.
            built: over the gallery as it was; without it every search is exact.
            covered: for each block of `built` its place in the gallery now, None if it left.
        """
        self.exact = exact
        self.rows = exact.rows
        self._built = built if built is not None and built.recall >= _ACCEPTED else None
        places = [] if built is None else covered
        self._gone = sum(
            len(sketch.table)
            for sketch, place in zip(built.sketches if built else (), places, strict=True)
            if place is None
        )
        fresh = [n for n in range(len(exact.gallery.blocks)) if n not in set(places)]
        self._fresh_rows = _numbers(exact, fresh)
        self._is_built = built is not None
        if self._built is not None:
            self._rows = _rows_now(self._built, exact, places)
            codes = self._built.engine.has_codes
            self._codes = MaskedCodes(self._built.engine, self._rows) if codes else None
            self._fresh = ProjectedIndex(
                [exact.gallery.blocks[n] for n in fresh],
                directions=exact.directions,
                known=[exact.sketches[n] for n in fresh],
            )

    @property
    def is_approximate(self) -> bool:
        """Whether an engine is asked at all."""
        return self._built is not None

    @property
    def lacks(self) -> bool:
        """Whether building an engine over the gallery as it is now would pay."""
        if self.rows < WORTH_IT:
            return False
        grown = len(self._fresh_rows) > max(WORTH_IT, _GROWN * self.rows)
        covered = self.rows - len(self._fresh_rows) + self._gone
        return not self._is_built or grown or self._gone > _SHRUNK * covered

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """See `VectorIndex.search`."""
        if self._built is None or k > _MOST:
            return self.exact.search(queries, k, allow)
        return [
            self._search_one(self._built, query, k, allow) or self._exactly(query, k, allow)
            for query in queries
        ]

    def _exactly(self, query: Vectors, k: int, allow: RowMask | None) -> list[Neighbour]:
        return self.exact.search(query[None], k, allow)[0]

    def _search_one(
        self, built: Built, query: Vectors, k: int, allow: RowMask | None
    ) -> list[Neighbour]:
        """The k nearest; none where not as many were named."""
        rows = self._likely(built, query, k, allow)
        if rows is None:
            return []
        fresh = self._among_fresh(query, k, allow)
        if len(rows) + len(fresh) < k:
            return []
        found = self.exact.gallery.nearest(query, rows, k)
        return nearest_of([*found, *fresh], k) if fresh else found

    def _likely(
        self, built: Built, query: Vectors, k: int, allow: RowMask | None
    ) -> NDArray[np.int64] | None:
        """Rows that may be found and are likely; None where only the exact index can tell.

        A mask that leaves most rows is laid on the engine's answers, of which there must be more;
        where it leaves few, these are looked at alone.
        """
        share = 1.0 if allow is None else np.count_nonzero(allow) / self.rows
        if allow is not None and share < _MANY:
            return None if self._codes is None else self._codes.likely(query, k, allow)
        asked = ceil(k / share)
        if asked > min(_MOST, self.rows):
            return None
        rows = self._rows[built.engine.likely(query, asked, built.effort)]
        rows = rows[rows >= 0]
        return rows if allow is None else rows[allow[rows]]

    def _among_fresh(self, query: Vectors, k: int, allow: RowMask | None) -> list[Neighbour]:
        if not len(self._fresh_rows):
            return []
        allowed = None if allow is None else allow[self._fresh_rows]
        (found,) = self._fresh.search(query[None], k, allowed)
        return [Neighbour(int(self._fresh_rows[near.row]), near.distance) for near in found]


def _numbers(exact: ProjectedIndex, places: Sequence[int]) -> NDArray[np.int64]:
    """The rows of some blocks: shape (n,), ascending."""
    starts, blocks = exact.gallery.starts, exact.gallery.blocks
    spans = [np.arange(starts[n], starts[n] + len(blocks[n])) for n in places]
    return np.concatenate([np.zeros(0, np.int64), *spans])


def _rows_now(
    built: Built, exact: ProjectedIndex, places: Sequence[int | None]
) -> NDArray[np.int64]:
    """The row of each number in the engine as the gallery is now; -1 if it left."""
    counts = [len(sketch.table) for sketch in built.sketches]
    now = np.full(sum(counts), -1, dtype=np.int64)
    for place, start, count in zip(places, accumulate(counts, initial=0), counts, strict=False):
        if place is not None:
            first = int(exact.gallery.starts[place])
            now[start : start + count] = np.arange(first, first + count)
    return now[built.order]
