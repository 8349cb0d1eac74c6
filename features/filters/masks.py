"""Filters as row masks over one version of a store, in microseconds once a field was asked for.

Products get numbers that stay the same from version to version, so that all that is known of a
segment is computed once, however often the store changes beside it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.filters.fields import PRICE, values_of
from features.store import SegmentData, StoreView
from features.types import Filter, RowMask

Numbers = NDArray[np.int64]
_REMEMBERED = 64


class _Numbering:
    """A number for each product id, given once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, ids: Sequence[str]) -> Numbers:
        """The numbers of some ids: shape (len(ids),)."""
        numbers = self._numbers
        with self._lock:
            given = (numbers.setdefault(key, len(numbers)) for key in ids)
            return np.fromiter(given, np.int64, len(ids))


@dataclass
class _SegmentFacts:
    """What one segment says: the product of each row, and the fields of the products in it."""

    data: SegmentData
    of_row: Numbers
    described: Numbers
    fields: dict[str, Mapping[str, Numbers]] = field(default_factory=dict)

    def with_value(self, name: str, value: str) -> Numbers:
        """The products that this segment describes with a value of a field."""
        if name not in self.fields:
            self.fields[name] = self._inverted(name)
        return self.fields[name].get(value, _NOTHING)

    @cached_property
    def prices(self) -> NDArray[np.float64]:
        """The price of each product described here; NaN where it has none."""
        prices = (product.price for product in self.data.products.values())
        return np.array([np.nan if p is None else float(p) for p in prices], dtype=np.float64)

    def _inverted(self, name: str) -> Mapping[str, Numbers]:
        found: dict[str, list[int]] = {}
        for number, product in zip(
            self.described.tolist(), self.data.products.values(), strict=True
        ):
            for value in values_of(product, name):
                found.setdefault(value, []).append(number)
        return {value: np.array(numbers, dtype=np.int64) for value, numbers in found.items()}


_NOTHING: Numbers = np.zeros(0, dtype=np.int64)


class FilterMasks:
    """Row masks over one version of a store. Safe to use from several threads."""

    def __init__(self, view: StoreView, previous: "FilterMasks | None" = None) -> None:
        """Nothing is computed before it is asked for.

        Args:
            previous: the masks of an earlier version, whose work is taken over.
        """
        self._view = view
        self._lock = threading.Lock()
        self._numbering: _Numbering = _Numbering() if previous is None else previous._numbering
        self._known: dict[SegmentData, _SegmentFacts] = {} if previous is None else previous._known
        self._joined: _Joined | None = None
        self._masks: OrderedDict[tuple[Filter, ...], RowMask] = OrderedDict()

    def rows(self, filters: tuple[Filter, ...]) -> RowMask:
        """The rows whose products meet all filters, and that can be found: shape (rows,)."""
        with self._lock:
            mask = self._masks.get(filters)
            if mask is None:
                mask = self._masks[filters] = self._computed(filters)
            self._masks.move_to_end(filters)
            if len(self._masks) > _REMEMBERED:
                self._masks.popitem(last=False)
            return mask

    def _computed(self, filters: tuple[Filter, ...]) -> RowMask:
        if self._joined is None:
            self._joined = self._join()
        rows = self._view.live
        for wanted in filters:
            rows = rows & self._joined.allowed(wanted)[self._joined.of_row]
        return rows

    def _join(self) -> "_Joined":
        known = {
            part: self._known[part] if part in self._known else self._facts(part)
            for part in self._view.parts
        }
        self._known = known
        return _Joined(list(known.values()), len(self._numbering))

    def _facts(self, part: SegmentData) -> _SegmentFacts:
        ids = [picture.product_id for picture in part.pictures]
        of_row, described = self._numbering.of(ids), self._numbering.of(list(part.products))
        return _SegmentFacts(part, of_row, described)


class _Joined:
    """The segments of one version: the newest of them that describes a product counts."""

    def __init__(self, segments: Sequence[_SegmentFacts], products: int) -> None:
        self._segments = segments
        self._newest = np.full(products, -1, dtype=np.int64)
        for place, segment in enumerate(segments):
            self._newest[segment.described] = place
        self.of_row = np.concatenate([_NOTHING, *(segment.of_row for segment in segments)])

    def allowed(self, wanted: Filter) -> RowMask:
        """By product number, whether it meets the filter: shape (products,)."""
        allowed = np.zeros(len(self._newest), dtype=np.bool_)
        for place, segment in enumerate(self._segments):
            for found in _meeting(segment, wanted):
                allowed[found[self._newest[found] == place]] = True
        return allowed


def _meeting(segment: _SegmentFacts, wanted: Filter) -> Iterator[Numbers]:
    if wanted.field != PRICE:
        yield from (segment.with_value(wanted.field, word) for word in wanted.words)
        return
    for span in wanted.ranges:
        yield segment.described[(segment.prices >= span.low) & (segment.prices <= span.high)]
