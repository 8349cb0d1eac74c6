"""Which row of the words' database is which product of a version of the store."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from features.store import StoreView
from features.text.database import Rows, SegmentProducts

Places = NDArray[np.int64]
"""Places among the descriptions of a `StoreView`."""


def segment_keys(view: StoreView) -> list[str]:
    """What tells the descriptions of each segment apart for ever."""
    return [f"{part.segment.number} {part.segment.products.blake2b}" for part in view.parts]


def described(view: StoreView) -> int:
    """How many products a version describes, those that cannot be found any more included."""
    return int(np.count_nonzero(view.newest >= 0))


def newest_products(view: StoreView, keys: Iterable[str]) -> dict[str, SegmentProducts]:
    """The products of some segments. Older descriptions are passed over: they never come back."""
    newest = np.zeros(len(view.descriptions) + 1, np.bool_)
    newest[view.newest] = True  # the last one is no place
    wanted, start = set(keys), 0
    found = {}
    for key, part in zip(segment_keys(view), view.parts, strict=True):
        count = len(part.products)
        if key in wanted:
            found[key] = SegmentProducts(part.products, newest[start : start + count])
        start += count
    return found


class RowMap:
    """Turns rows into places, for one version."""

    def __init__(self, view: StoreView, segments: Mapping[str, tuple[int, int]]) -> None:
        """Know where each segment of the version lies.

        Args:
            segments: first row and count, by key; all of the version are among them.
        """
        firsts = [segments[key][0] for key in segment_keys(view)]
        counts = np.array([len(part.products) for part in view.parts], np.int64)
        starts = np.cumsum(counts) - counts
        order = np.argsort(firsts, kind="stable")
        self._firsts = np.array(firsts, np.int64)[order]
        self._starts, self._counts = starts[order], counts[order]
        self.found = np.zeros(len(view.descriptions), np.bool_)
        """By place, whether searches may find it: it describes a product of this version."""
        self.found[view.newest[view.found]] = True

    def places(self, rows: Rows) -> tuple[Places, NDArray[np.bool_]]:
        """The places of those rows that are products of the version, and which rows these are."""
        if not len(self._firsts):
            return rows[:0], np.zeros(len(rows), np.bool_)
        segment = np.searchsorted(self._firsts, rows, side="right") - 1
        within = rows - self._firsts[segment]
        inside = (segment >= 0) & (within < self._counts[segment])
        places = np.where(inside, self._starts[segment] + within, 0)
        inside &= self.found[places]
        return places[inside], inside
