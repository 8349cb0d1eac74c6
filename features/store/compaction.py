"""What is worth rewriting: a log-structured merge of segments in tiers of size.

A tier holds segments of 8 to the power of n rows and more. When one is crowded its segments become
one of the next tier, so that N changes of one row rewrite each row about log8(N) times.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from pathlib import Path

import numpy as np

from features.store.keys import Keys, Numbers
from features.store.manifest import Manifest, Segment
from features.store.segments import RowNumbers, SegmentData, read_segment
from features.store.tables import products_table, rows_table
from features.store.view import StoreView
from features.types import Product, RowMask

LARGEST = 2 * 8**5
"""Rows of the largest segment that a compaction writes; half of it is never merged again."""
_FULL_TIER = 5
_CROWD = 8
_SMALL = 8


@dataclass(frozen=True)
class Layout:
    """The segments of a store with its deleted rows: what a compaction is planned from."""

    segments: Sequence[Segment]
    deleted: RowNumbers

    @cached_property
    def gone(self) -> list[RowNumbers]:
        """The deleted rows of each segment, numbered within it."""
        bounds = np.cumsum([0, *(segment.count for segment in self.segments)])
        cuts = np.searchsorted(self.deleted, bounds)
        return [
            self.deleted[first:last] - start
            for start, first, last in zip(bounds[:-1], cuts[:-1], cuts[1:], strict=True)
        ]

    def without(self, positions: Collection[int]) -> "Layout":
        """The other segments, in their order, their deleted rows numbered anew."""
        kept = [n for n in range(len(self.segments)) if n not in positions]
        segments = [self.segments[n] for n in kept]
        starts = np.cumsum([0, *(segment.count for segment in segments)])
        moved = [self.gone[n] + start for n, start in zip(kept, starts[:-1], strict=True)]
        return Layout(segments, np.concatenate([np.zeros(0, np.int64), *moved]))

    def due(self) -> frozenset[int]:
        """The positions of the segments that are worth merging now; mostly there are none."""
        chosen = frozenset(n for n in range(len(self.segments)) if self._is_worn(n))
        while crowded := self._crowded(chosen):
            chosen |= crowded
        return chosen

    @cached_property
    def _live(self) -> list[int]:
        """How many rows of each segment can be found."""
        return [s.count - len(gone) for s, gone in zip(self.segments, self.gone, strict=True)]

    def _crowded(self, chosen: frozenset[int]) -> frozenset[int]:
        """Further segments in tiers that are crowded once the chosen ones are merged."""
        tier_of = {n: _tier(rows) for n, rows in enumerate(self._live) if n not in chosen}
        members = Counter(tier_of.values())
        if chosen:
            members[_tier(sum(self._live[n] for n in chosen))] += 1
        return frozenset(
            n for n, tier in tier_of.items() if tier < _FULL_TIER and members[tier] > _CROWD
        )

    def _is_worn(self, position: int) -> bool:
        """More than a quarter is deleted; a small segment is soon merged and can wait for that."""
        count, gone = self.segments[position].count, len(self.gone[position])
        everywhere = 4 * len(self.deleted) > sum(segment.count for segment in self.segments)
        return gone > 0 and (everywhere or (count >= _SMALL and 4 * gone > count))


@dataclass(frozen=True)
class Merge:
    """Some segments of a store on their way to become new ones."""

    folder: Path
    manifest: Manifest
    layout: Layout
    chosen: frozenset[int]

    @cached_property
    def view(self) -> StoreView:
        """The chosen segments as if they were a whole store."""
        keys = Keys()
        parts = tuple(self._part(position, keys) for position in sorted(self.chosen))
        live = np.ones(sum(part.segment.count for part in parts), dtype=np.bool_)
        start = 0
        for position in sorted(self.chosen):
            live[start + self.layout.gone[position]] = False
            start += self.layout.segments[position].count
        return StoreView(self.folder, self.manifest, parts, live, keys)

    @cached_property
    def wanted(self) -> Numbers:
        """The numbers of the products last described here that can be found, here or elsewhere."""
        here = self._described_last()
        found = self.view.found
        if (here & ~found).any():
            found = found | self._found_elsewhere()
        return np.flatnonzero(here & found).astype(np.int32)

    def chunks(self) -> Iterator[tuple[RowNumbers, list[Product]]]:
        """The rows of `view` and the products of each new segment."""
        view, rows = self.view, np.flatnonzero(self.view.live)
        waiting = np.zeros(len(view.newest), np.bool_)
        waiting[self.wanted] = True
        if not len(rows) and not waiting.any():
            return
        count = max(1, -(-len(rows) // LARGEST))
        for number, chunk in enumerate(np.array_split(rows, count), start=1):
            owners = view.owners[chunk]
            owned = list(dict.fromkeys(owners[waiting[owners]].tolist()))
            waiting[owned] = False
            if number == count:
                owned += np.flatnonzero(waiting).tolist()
            yield chunk, [view.descriptions[place] for place in view.newest[owned].tolist()]

    def _part(self, position: int, keys: Keys) -> SegmentData:
        segment = self.layout.segments[position]
        return read_segment(self.folder, segment, self.manifest.extractor.dim, keys)

    def _described_last(self) -> RowMask:
        """New segments come last: what a segment that stays described later must not be in them."""
        last = np.full(len(self.view.newest), -1, np.int64)
        parts = iter(self.view.parts)
        for position in range(min(self.chosen, default=0), len(self.layout.segments)):
            if position in self.chosen:
                last[next(parts).described] = position
            else:
                table = products_table(self.folder, self.layout.segments[position].products)
                last[self._known(table.column("id"))] = -1
        return last >= 0

    def _found_elsewhere(self) -> RowMask:
        found = np.zeros(len(self.view.newest), np.bool_)
        for position in set(range(len(self.layout.segments))) - self.chosen:
            table = rows_table(self.folder, self.layout.segments[position].rows)
            live = np.ones(len(table), np.bool_)
            live[self.layout.gone[position]] = False
            found[self._known(compress(table.column("product_id"), live.tolist()))] = True
        return found

    def _known(self, ids: Iterable[str]) -> Numbers:
        """The numbers of the products that the chosen segments know too."""
        numbers = self.view.keys.products.find(ids)
        return numbers[numbers >= 0]


def _tier(rows: int) -> int:
    """The power of 8 that a number of rows reaches; 0 for none."""
    return max(0, rows.bit_length() - 1) // 3
