"""One version of a store, joined of its segments without copying them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, compress
from pathlib import Path

import numpy as np

from features.store.manifest import Manifest
from features.store.segments import RowNumbers, SegmentData
from features.types import ExtractorSpec, GalleryPicture, Product, RowMask, Vectors


@dataclass(frozen=True, eq=False)
class StoreView:
    """One version of a store. Rows are numbered through all segments, deleted ones included.

    What is looked up by a key is kept by segment: a version that shares segments with the one
    before it shares all that was computed for them.
    """

    folder: Path
    manifest: Manifest
    parts: tuple[SegmentData, ...]
    live: RowMask

    @property
    def spec(self) -> ExtractorSpec:
        """The extractor that made the vectors."""
        return self.manifest.extractor

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
    def pictures(self) -> tuple[GalleryPicture, ...]:
        """The picture of each row."""
        return tuple(chain.from_iterable(part.pictures for part in self.parts))

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

    def rows_of(self, product_id: str) -> list[int]:
        """The rows of a product that can be found, in order; none of an unknown one."""
        return self._live(part.rows_of.get(product_id, ()) for part in self.parts)

    def rows_with(self, content_hash: str) -> list[int]:
        """The rows with a picture of these bytes that can be found, in order."""
        return self._live(part.rows_with.get(content_hash, ()) for part in self.parts)

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
    def product_ids(self) -> tuple[str, ...]:
        """The ids of the products that can be found and are described."""
        alive = {picture.product_id for picture in compress(self.pictures, self.live.tolist())}
        described = dict.fromkeys(chain.from_iterable(part.products for part in self.parts))
        return tuple(key for key in described if key in alive)

    @cached_property
    def content_hashes(self) -> tuple[str, ...]:
        """The content hashes of the pictures that can be found."""
        found = compress(self.pictures, self.live.tolist())
        return tuple(dict.fromkeys(picture.content_hash for picture in found))

    @cached_property
    def _starts(self) -> list[int]:
        """The number of the first row of each segment."""
        return list(accumulate((part.segment.count for part in self.parts), initial=0))[:-1]

    def _live(self, found: Iterator[Sequence[int]]) -> list[int]:
        return [
            start + row
            for start, rows in zip(self._starts, found, strict=True)
            for row in rows
            if self.live[start + row]
        ]


class _Products(Mapping[str, Product]):
    """Looks into the segments, the newest first."""

    def __init__(self, view: StoreView) -> None:
        self._view = view

    def __getitem__(self, key: str) -> Product:
        if self._view.rows_of(key):
            for part in reversed(self._view.parts):
                if key in part.products:
                    return part.products[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._view.product_ids)

    def __len__(self) -> int:
        return len(self._view.product_ids)


class _Contents(Mapping[str, GalleryPicture]):
    """Pictures by the hash of their bytes: of several, the one that was stored last."""

    def __init__(self, view: StoreView) -> None:
        self._view = view

    def __getitem__(self, key: str) -> GalleryPicture:
        rows = self._view.rows_with(key)
        if not rows:
            raise KeyError(key)
        return self._view.pictures[rows[-1]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._view.content_hashes)

    def __len__(self) -> int:
        return len(self._view.content_hashes)
