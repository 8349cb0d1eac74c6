"""Primary keys that stay the same from version to version of a store.

Segments never change and their numbers are never given twice: a segment's number and the row in it
name a picture for good. Negative keys are the collection's own records.
"""

import numpy as np
from numpy.typing import NDArray

from features.store import StoreView

_ROW_BITS = 32
STORE_KEY = -1
Keys = NDArray[np.int64]


def key_of(segment: int, row: int) -> int:
    """The key of a row, numbered within its segment."""
    return segment << _ROW_BITS | row


def segment_of(key: int) -> int:
    """The number of the segment that a key is of."""
    return key >> _ROW_BITS


def record_key(segment: int) -> int:
    """The key of what is recorded of a segment as a whole; numbers start from 1."""
    return STORE_KEY - segment


class KeyTable:
    """The keys of one version's rows, and the rows of keys."""

    def __init__(self, view: StoreView) -> None:
        self._starts: dict[int, tuple[int, int]] = {}
        start = 0
        for part in view.parts:
            self._starts[part.segment.number] = (start, part.segment.count)
            start += part.segment.count
        self._numbers = np.array(list(self._starts), dtype=np.int64)
        self._firsts = np.array([first for first, _ in self._starts.values()], dtype=np.int64)

    def row(self, key: int) -> int | None:
        """The row of a key; None of one that this version does not know."""
        start, count = self._starts.get(segment_of(key), (0, 0))
        within = key & (1 << _ROW_BITS) - 1
        return start + within if within < count else None

    def of(self, rows: NDArray[np.int64]) -> Keys:
        """The keys of some rows."""
        owner = np.searchsorted(self._firsts, rows, side="right") - 1
        keys: Keys = self._numbers[owner] << _ROW_BITS | (rows - self._firsts[owner])
        return keys
