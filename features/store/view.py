"""One version of a store, joined of its segments without copying them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress
from pathlib import Path

import numpy as np

from features.store.damage import Missing
from features.store.keys import KeyedRows, Keys, Numbers
from features.store.manifest import Manifest
from features.store.segments import RowNumbers, SegmentData
from features.store.sequences import Joined
from features.types import ExtractorSpec, GalleryPicture, Metric, Product, RowMask, Vectors


@dataclass(frozen=True, eq=False)
class StoreView:
    """One version of a store. Rows are numbered through all segments, deleted ones included.

    Pictures and products are parsed where they are asked for; what is kept of them are numbers. A
    version that shares segments with the one before it shares the numbers of their keys.
    """

    folder: Path
    manifest: Manifest
    parts: tuple[SegmentData, ...]
    live: RowMask
    keys: Keys
    missing: Missing | None = None
    """What damaged segments had, where the others were opened alone."""

    @property
    def spec(self) -> ExtractorSpec:
        """The extractor that made the vectors."""
        return self.manifest.extractor

    @property
    def metric(self) -> Metric:
        """How distances are told."""
        return self.manifest.metric

    @property
    def version(self) -> int:
        """Grows with every committed change."""
        return self.manifest.version

    @property
    def pictures_root(self) -> Path:
        """The catalogue's folder, which picture locations are relative to."""
        return (self.folder / self.manifest.pictures_root).resolve()

    @cached_property
    def blocks(self) -> tuple[Vectors, ...]:
        """The vectors of each segment: shapes (n_i, dim)."""
        return tuple(part.vectors for part in self.parts)

    @cached_property
    def pictures(self) -> Sequence[GalleryPicture]:
        """The picture of each row."""
        return Joined([part.pictures for part in self.parts])

    @property
    def live_pictures(self) -> Iterator[GalleryPicture]:
        """Every picture that can be found, in order; faster than one by one."""
        return compress(self.pictures, self.live.tolist())

    @cached_property
    def picture_count(self) -> int:
        """Pictures that can be found."""
        return int(self.live.sum())

    @property
    def products(self) -> Mapping[str, Product]:
        """The products that can be found, each as it was described last."""
        return _Products(self)

    @property
    def by_content(self) -> Mapping[str, GalleryPicture]:
        """A picture for every content hash that can be found."""
        return _Contents(self)

    @cached_property
    def descriptions(self) -> Sequence[Product]:
        """Every description of a product, older ones and those of vanished products included."""
        return Joined([part.products for part in self.parts])

    @cached_property
    def description_of(self) -> Numbers:
        """For each row the place of its product's newest description, -1 where there is none."""
        return self.newest[self.owners]

    def product_of(self, row: int) -> Product:
        """The product of a row.

        Raises:
            KeyError: it is not described.
        """
        place = int(self.description_of[row])
        if place < 0:
            raise KeyError(self.pictures[row].product_id)
        return self.descriptions[place]

    def rows_of(self, product_id: str) -> list[int]:
        """The rows of a product that can be found, in order; none of an unknown one."""
        return self._live(self._by_product.rows(product_id))

    def rows_with(self, content_hash: str) -> list[int]:
        """The rows with a picture of these bytes that can be found, in order."""
        return self._live(self._by_content.rows(content_hash))

    def vector(self, row: int) -> Vectors:
        """The vector of one row: shape (dim,)."""
        if not 0 <= row < len(self.live):
            raise IndexError(row)
        part = int(np.searchsorted(self._starts, row, side="right")) - 1
        vector: Vectors = self.blocks[part][row - self._starts[part]]
        return vector

    def vectors(self, rows: RowNumbers) -> Vectors:
        """The vectors of some rows, ascending: shape (len(rows), dim)."""
        bounds = np.searchsorted(rows, [*self._starts, len(self.live)])
        return np.concatenate(
            [np.empty((0, self.spec.dim), dtype=np.float32)]
            + [
                block[rows[first:last] - start]
                for block, start, first, last in zip(
                    self.blocks, self._starts, bounds[:-1], bounds[1:], strict=True
                )
                if first < last
            ]
        )

    @cached_property
    def owners(self) -> Numbers:
        """The number of each row's product."""
        return _joined([part.owners for part in self.parts])

    @cached_property
    def contents(self) -> Numbers:
        """The number of each row's content hash."""
        return _joined([part.contents for part in self.parts])

    @cached_property
    def newest(self) -> Numbers:
        """By the number of a product the place of its newest description, -1 where none is."""
        described = _joined([part.described for part in self.parts])
        newest = np.full(_size(self.owners, described), -1, np.int32)
        newest[described] = np.arange(len(described), dtype=np.int32)
        return newest

    @cached_property
    def found(self) -> RowMask:
        """By the number of a product, whether it is described and can be found."""
        found = np.zeros(len(self.newest), np.bool_)
        found[self.owners[self.live]] = True
        return found & (self.newest >= 0)

    @cached_property
    def _starts(self) -> list[int]:
        """The number of the first row of each segment."""
        return list(accumulate((part.segment.count for part in self.parts), initial=0))[:-1]

    @cached_property
    def _by_product(self) -> KeyedRows:
        return KeyedRows(self.keys.products, self.owners)

    @cached_property
    def _by_content(self) -> KeyedRows:
        return KeyedRows(self.keys.contents, self.contents)

    def _live(self, rows: Numbers) -> list[int]:
        found: list[int] = rows[self.live[rows]].tolist()
        return found


class _Products(Mapping[str, Product]):
    """The products that can be found, in the order in which they were described first."""

    def __init__(self, view: StoreView) -> None:
        self._view = view

    def __getitem__(self, key: str) -> Product:
        number = self._number(key)
        if number < 0:
            raise KeyError(key)
        return self._view.descriptions[int(self._view.newest[number])]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._number(key) >= 0

    def __iter__(self) -> Iterator[str]:
        waiting = bytearray(self._view.found)
        for part in self._view.parts:
            ids = part.descriptions.column("id")
            for number, key in zip(part.described.tolist(), ids, strict=True):
                if waiting[number]:
                    waiting[number] = False
                    yield key

    def __len__(self) -> int:
        return int(np.count_nonzero(self._view.found))

    def _number(self, key: str) -> int:
        """The number of a product that can be found, or -1."""
        found = self._view.found
        number = self._view.keys.products.number(key)
        return number if 0 <= number < len(found) and found[number] else -1


class _Contents(Mapping[str, GalleryPicture]):
    """Pictures by the hash of their bytes: of several, the one that was stored last."""

    def __init__(self, view: StoreView) -> None:
        self._view = view

    def __getitem__(self, key: str) -> GalleryPicture:
        rows = self._view.rows_with(key)
        if not rows:
            raise KeyError(key)
        return self._view.pictures[rows[-1]]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self._view.rows_with(key))

    def __iter__(self) -> Iterator[str]:
        rows = np.flatnonzero(self._view.live)
        _, first = np.unique(self._view.contents[rows], return_index=True)
        for row in rows[np.sort(first)].tolist():
            yield self._view.pictures[row].content_hash

    def __len__(self) -> int:
        return len(np.unique(self._view.contents[self._view.live]))


def _joined(numbers: Sequence[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int32), *numbers])


def _size(*numbers: Numbers) -> int:
    """One more than the largest."""
    return 1 + max(int(some.max(initial=-1)) for some in numbers)
