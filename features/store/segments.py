"""Reading the files that a manifest names: every one is as it was written, or an error."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.store.manifest import Manifest, Segment, SegmentFile, blake2b
from features.store.tables import read_products, read_rows
from features.types import GalleryPicture, Product, Vectors

RowNumbers = NDArray[np.int64]
"""Shape (n,), ascending."""


@dataclass(frozen=True, eq=False)
class SegmentData:
    """A segment as it is read: its vectors memory-mapped, its tables parsed. It never changes."""

    segment: Segment
    vectors: Vectors
    pictures: tuple[GalleryPicture, ...]
    products: Mapping[str, Product]

    @cached_property
    def rows_of(self) -> Mapping[str, Sequence[int]]:
        """The rows of each product, numbered within the segment."""
        return _numbered(picture.product_id for picture in self.pictures)

    @cached_property
    def rows_with(self) -> Mapping[str, Sequence[int]]:
        """The rows of each content hash, numbered within the segment."""
        return _numbered(picture.content_hash for picture in self.pictures)


def read_segment(folder: Path, segment: Segment, dim: int) -> SegmentData:
    """A segment's files; raises whatever the parsers do where these are damaged."""
    for table in (segment.rows, segment.products):
        check_digest(folder, table)
    rows = read_rows(folder / segment.rows.name)
    if len(rows) != segment.count:
        raise ValueError(f"{segment.rows.name} has {len(rows)} rows, not {segment.count}")
    products = {p.id: p for p in read_products(folder / segment.products.name)}
    return SegmentData(segment, _vectors(folder, segment, dim), tuple(rows), products)


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


def _numbered(keys: Iterable[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return rows
