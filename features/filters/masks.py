"""Filters as row masks over one version of a store, in microseconds once a field was asked for.

All that is known of a segment is computed once, however often the store changes beside it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.filters.fields import (
    NAMED,
    PRICE,
    attribute_named,
    column_of,
    field_named,
    single_values,
    values_of,
)
from features.filters.inverted import Inverted, Places
from features.filters.spoken import spoken
from features.store import SegmentData, StoreView
from features.types import Filter, Product, RowMask

_REMEMBERED = 64


@dataclass(frozen=True)
class _SegmentFacts:
    """What one segment says of the products that it describes, by their places in it."""

    data: SegmentData
    fields: dict[str, Inverted] = field(default_factory=dict)
    spoken: dict[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """Of the fields that people name, what may be typed for values that are written otherwise."""

    def meeting(self, wanted: Filter) -> Iterator[Places]:
        """The products with each of the words, or in each of the ranges."""
        if wanted.field == PRICE:
            for span in wanted.ranges:
                yield np.flatnonzero((self.prices >= span.low) & (self.prices <= span.high))
        elif self.tells(wanted.field):
            self._learn(wanted.field)
            yield from map(self.fields[wanted.field].places, wanted.words)

    @cached_property
    def prices(self) -> NDArray[np.float64]:
        """The price of each product described here; NaN where it has none."""
        numbered, products = self.data.alike(PRICE)
        prices = [np.nan if it.price is None else float(it.price) for it in products]
        return np.array(prices, dtype=np.float64)[numbered]

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The names of all attributes, as they are compared."""
        _, products = self.data.alike("attributes")
        return frozenset(
            attribute_named(name) for product in products for name in product.attributes
        )

    def has(self, wanted: Filter) -> bool:
        """Whether a product described here meets a filter by words."""
        return any(len(places) for places in self.meeting(wanted))

    def meant(self, name: str, typed: str) -> frozenset[str]:
        """The values of a field that are written otherwise than somebody types them."""
        if not self.tells(name):
            return frozenset()
        self._learn(name)
        return self.spoken[name].get(typed, frozenset())

    def tells(self, name: str) -> bool:
        """Whether any product described here may have the field; nothing is kept of others."""
        return column_of(name) != "attributes" or field_named(name) in self.attributes

    def _learn(self, name: str) -> None:
        """Read a field, once; what is typed for values is known as soon as these are."""
        if name in self.fields:
            return
        numbered, products = self.data.alike(column_of(name))
        single: set[str] = set()
        if name in NAMED:
            products = _passed(products, name, single)
        inverted = Inverted(numbered, (values_of(product, name) for product in products))
        self.spoken[name] = spoken(single)
        self.fields[name] = inverted  # last: other versions ask the same facts meanwhile


def _passed(products: Iterable[Product], name: str, single: set[str]) -> Iterator[Product]:
    """Products, whose single values of a field are gathered on the way."""
    for product in products:
        single |= single_values(product, name)
        yield product


class FilterMasks:
    """Row masks over one version of a store. Safe to use from several threads."""

    def __init__(self, view: StoreView, previous: "FilterMasks | None" = None) -> None:
        """Nothing is computed before it is asked for.

        Args:
            previous: the masks of an earlier version, whose work is taken over.
        """
        self._view = view
        self._lock = threading.Lock()
        self._known: dict[SegmentData, _SegmentFacts] = {} if previous is None else previous._known
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

    def tells(self, field: str) -> bool:
        """Whether any product may have a field."""
        with self._lock:
            return any(segment.tells(field) for segment in self._segments)

    def said(self, field: str, forms: frozenset[str]) -> frozenset[str]:
        """The values of products that can be found that are one of some forms, or typed so."""
        with self._lock:
            meant = (part.meant(field, form) for part in self._segments for form in forms)
            return frozenset(it for it in forms.union(*meant) if self._has(field, it))

    def _has(self, field: str, value: str) -> bool:
        """Segments also describe what is sold no more, or is described anew."""
        wanted = Filter(field, frozenset([value]))
        described = any(segment.has(wanted) for segment in self._segments)
        return described and bool(self._computed((wanted,)).any())

    def _computed(self, filters: tuple[Filter, ...]) -> RowMask:
        rows = self._view.live
        for wanted in filters:
            rows = rows & self._allowed(wanted)[self._view.description_of]
        return rows

    def _allowed(self, wanted: Filter) -> RowMask:
        """By the place of a description, whether it meets a filter; the last one is no place."""
        allowed = np.zeros(len(self._view.descriptions) + 1, dtype=np.bool_)
        start = 0
        for segment in self._segments:
            for places in segment.meeting(wanted):
                allowed[start + places] = True
            start += len(segment.data.products)
        return allowed

    @cached_property
    def _segments(self) -> list[_SegmentFacts]:
        known = self._known
        self._known = {
            part: known[part] if part in known else _SegmentFacts(part) for part in self._view.parts
        }
        return list(self._known.values())
