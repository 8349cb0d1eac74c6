"""Reading the files that a manifest names: every one is as it was written, or an error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.store.keys import Keys, Numbers
from features.store.manifest import Manifest, Segment, SegmentFile, blake2b
from features.store.records import Table
from features.store.sequences import Parsed
from features.store.tables import picture, product, product_with, products_table, rows_table
from features.types import GalleryPicture, Product, Vectors

RowNumbers = NDArray[np.int64]
"""Shape (n,), ascending."""


@dataclass(frozen=True, eq=False)
class SegmentData:
    """A segment as it is read: its vectors and its tables memory-mapped. It never changes."""

    segment: Segment
    vectors: Vectors
    rows: Table
    descriptions: Table
    keys: Keys

    @property
    def pictures(self) -> Sequence[GalleryPicture]:
        """The picture of each row."""
        return Parsed(self.rows, picture)

    @property
    def products(self) -> Sequence[Product]:
        """The products that are described here; of one that is there twice, the last counts."""
        return Parsed(self.descriptions, product)

    @cached_property
    def owners(self) -> Numbers:
        """The number of each row's product."""
        return self.keys.products.of(self.rows.column("product_id"))

    @cached_property
    def contents(self) -> Numbers:
        """The number of each row's content hash."""
        return self.keys.contents.of(self.rows.column("content_hash"))

    @cached_property
    def described(self) -> Numbers:
        """The number of each of `products`."""
        return self.keys.products.of(self.descriptions.column("id"))

    def alike(self, column: str) -> tuple[NDArray[np.int64], Iterator[Product]]:
        """Which of `products` are the same in one column.

        Returns:
            A number for each, and for each number from 0 on a product that has only this column.
        """
        numbers: dict[str, int] = {}
        texts = self.descriptions.column(column)
        numbered = np.fromiter((numbers.setdefault(text, len(numbers)) for text in texts), np.int64)
        return numbered, (product_with(column, text) for text in numbers)


def read_segment(folder: Path, segment: Segment, dim: int, keys: Keys) -> SegmentData:
    """A segment's files; raises whatever the parsers do where these are damaged."""
    rows = rows_table(folder, segment.rows)
    if len(rows) != segment.count:
        raise ValueError(f"{segment.rows.name} has {len(rows)} rows, not {segment.count}")
    products = products_table(folder, segment.products)
    return SegmentData(segment, _vectors(folder, segment, dim), rows, products, keys)


def read_deleted(folder: Path, manifest: Manifest) -> RowNumbers:
    """The rows that are deleted; a number that is no row is a ValueError."""
    if manifest.deleted is None:
        return np.zeros(0, dtype=np.int64)
    check_digest(folder, manifest.deleted)
    rows: RowNumbers = np.load(folder / manifest.deleted.name, allow_pickle=False)
    if rows.ndim != 1 or rows.dtype != np.int64 or np.any((rows < 0) | (rows >= manifest.rows)):
        raise ValueError(f"{manifest.deleted.name} names rows that are not there")
    return np.unique(rows)


def check_size(folder: Path, file: SegmentFile) -> None:
    """A file that was cut or has grown is a ValueError: cheap enough for the vectors too."""
    size = (folder / file.name).stat().st_size
    if size != file.bytes:
        raise ValueError(f"{file.name} has {size} bytes, not {file.bytes}")


def check_digest(folder: Path, file: SegmentFile) -> None:
    """A file whose bytes are not those that were written is a ValueError."""
    check_size(folder, file)
    if blake2b((folder / file.name).read_bytes()) != file.blake2b:
        raise ValueError(f"the bytes of {file.name} have changed")


def _vectors(folder: Path, segment: Segment, dim: int) -> Vectors:
    check_size(folder, segment.vectors)
    vectors: Vectors = np.load(
        folder / segment.vectors.name,
        mmap_mode="r" if segment.count else None,  # an empty file cannot be mapped
        allow_pickle=False,
    )
    if vectors.shape != (segment.count, dim) or vectors.dtype != np.float32:
        raise ValueError(f"{segment.vectors.name} holds {vectors.shape} {vectors.dtype}")
    return vectors.view(np.ndarray)
