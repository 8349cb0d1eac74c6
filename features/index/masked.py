"""Searching the rows that a mask leaves, by their codes alone: nothing else is looked at.

A byte a number tells distances so well that the true neighbours are among the first few dozen. The
codes of masks that were used lately are kept side by side: a filter is used by many searches.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.index.engines import KINDS, Effort, FaissEngine
from features.types import RowMask, Vectors

_KEPT_BYTES = 96_000_000
_LARGEST_BYTES = 32_000_000
_DEPTH = Effort(0, 3)
_SPARE = 16


@dataclass(frozen=True)
class _Codes:
    """The codes of the rows that a mask leaves, and those rows."""

    mask: RowMask  # kept: while it is, no other has its id
    engine: FaissEngine
    rows: NDArray[np.int64]

    @property
    def bytes(self) -> int:
        """What is kept for the mask, itself included: of a vast store it may be the most."""
        return len(self.rows) * self.engine.code_bytes + self.rows.nbytes + self.mask.nbytes


class MaskedCodes:
    """The codes of an engine, under masks. Safe to use from several threads."""

    def __init__(self, engine: FaissEngine, rows: NDArray[np.int64]) -> None:
        """Args: rows: the row of each number in the engine, -1 for one that is gone."""
        self._engine = engine
        self._rows = rows
        self._kept: OrderedDict[int, _Codes] = OrderedDict()
        self._lock = threading.Lock()

    def likely(self, query: Vectors, k: int, allow: RowMask) -> NDArray[np.int64]:
        """Allowed rows among which the k nearest of a query, shape (dim,), are."""
        wanted = k + _SPARE
        codes = self._known(allow)
        if codes is None:
            allowed = self._allowed(allow)
            if np.count_nonzero(allowed) * self._engine.code_bytes > _LARGEST_BYTES:
                return self._rows[self._engine.likely_of(query, wanted, _DEPTH, allowed)]
            codes = self._copied(allow, np.flatnonzero(allowed))
        return codes.rows[codes.engine.likely(query, wanted, _DEPTH)]

    def _allowed(self, allow: RowMask) -> RowMask:
        """By number in the engine."""
        allowed: RowMask = allow[self._rows] & (self._rows >= 0)
        return allowed

    def _known(self, allow: RowMask) -> _Codes | None:
        with self._lock:
            codes = self._kept.get(id(allow))
            if codes is not None:
                self._kept.move_to_end(id(allow))
            return codes

    def _copied(self, allow: RowMask, numbers: NDArray[np.int64]) -> _Codes:
        engine = self._engine.subset(KINDS["sq8"], numbers)
        codes = _Codes(allow, engine, self._rows[numbers])
        with self._lock:
            self._kept[id(allow)] = codes
            while sum(kept.bytes for kept in self._kept.values()) > _KEPT_BYTES:
                self._kept.popitem(last=False)
        return codes
