"""What is worth rewriting: a log-structured merge of segments in tiers of size.

A tier holds segments of 8 to the power of n rows and more. When one is crowded its segments become
one of the next tier, so that N changes of one row rewrite each row about log8(N) times.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from features.store.manifest import Manifest, Segment
from features.store.segments import RowNumbers, SegmentData, check_digest, read_segment
from features.store.tables import read_column
from features.store.view import StoreView
from features.types import Product

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
        parts = tuple(self._part(position) for position in sorted(self.chosen))
        live = np.ones(sum(part.segment.count for part in parts), dtype=np.bool_)
        start = 0
        for position in sorted(self.chosen):
            live[start + self.layout.gone[position]] = False
            start += self.layout.segments[position].count
        return StoreView(self.folder, self.manifest, parts, live)

    @cached_property
    def products(self) -> dict[str, Product]:
        """The products that were last described here and can be found, here or elsewhere."""
        newest = self._newest()
        found = set(self.view.product_ids)
        if newest.keys() - found:
            found |= self._found_elsewhere(newest)
        return {key: product for key, product in newest.items() if key in found}

    def chunks(self) -> Iterator[tuple[RowNumbers, list[Product]]]:
        """The rows of `view` and the products of each new segment."""
        rows = np.flatnonzero(self.view.live)
        waiting = dict(self.products)
        if not len(rows) and not waiting:
            return
        count = max(1, -(-len(rows) // LARGEST))
        for number, chunk in enumerate(np.array_split(rows, count), start=1):
            owners = dict.fromkeys(self.view.pictures[row].product_id for row in chunk.tolist())
            owned = [waiting.pop(key) for key in owners if key in waiting]
            yield chunk, owned if number < count else [*owned, *waiting.values()]

    def _part(self, position: int) -> SegmentData:
        segment = self.layout.segments[position]
        return read_segment(self.folder, segment, self.manifest.extractor.dim)

    def _newest(self) -> dict[str, Product]:
        """New segments come last: what a segment that stays described later must not be in them."""
        parts = iter(self.view.parts)
        newest: dict[str, Product] = {}
        for position in range(min(self.chosen, default=0), len(self.layout.segments)):
            if position in self.chosen:
                newest.update(next(parts).products)
            else:
                for key in self._column(position, "products", "id"):
                    newest.pop(key, None)
        return newest

    def _found_elsewhere(self, wanted: Mapping[str, Product]) -> set[str]:
        found: set[str] = set()
        for position in set(range(len(self.layout.segments))) - self.chosen:
            owners = self._column(position, "rows", "product_id")
            gone = set(self.layout.gone[position].tolist())
            found.update(o for row, o in enumerate(owners) if o in wanted and row not in gone)
        return found

    def _column(self, position: int, table: str, column: str) -> list[str]:
        segment = self.layout.segments[position]
        file = segment.rows if table == "rows" else segment.products
        check_digest(self.folder, file)
        return read_column(self.folder / file.name, column)


def _tier(rows: int) -> int:
    """The power of 8 that a number of rows reaches; 0 for none."""
    return max(0, rows.bit_length() - 1) // 3
