"""Opening a store: one consistent version of it, its vectors memory-mapped."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from features.errors import FingerprintMismatchError, StoreCorruptError
from features.store.manifest import (
    MANIFEST,
    Manifest,
    Segment,
    SegmentFile,
    blake2b,
    no_store,
    read_manifest,
)
from features.store.tables import read_products, read_rows
from features.types import ExtractorSpec, GalleryPicture, Product, RowMask, Vectors

_TRIES = 5


@dataclass(frozen=True)
class StoreView:
    """One version of a store. Rows are numbered through all segments, deleted ones included."""

    folder: Path
    manifest: Manifest
    blocks: tuple[Vectors, ...]
    pictures: tuple[GalleryPicture, ...]
    products: Mapping[str, Product]
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
    def picture_count(self) -> int:
        """Pictures that can be found."""
        return int(self.live.sum())

    @cached_property
    def by_content(self) -> Mapping[str, GalleryPicture]:
        """A picture for every content hash that can be found."""
        return {
            self.pictures[row].content_hash: self.pictures[row]
            for row in np.flatnonzero(self.live).tolist()
        }

    def vector(self, row: int) -> Vectors:
        """The vector of one row: shape (dim,)."""
        for block in self.blocks:
            if row < len(block):
                vector: Vectors = block[row]
                return vector
            row -= len(block)
        raise IndexError(row)


def open_store(folder: Path, expected: ExtractorSpec | None = None) -> StoreView:
    """The newest version of a store.

    Raises:
        StoreNotFoundError: the folder holds no store.
        StoreCorruptError: a file that the manifest names is missing, torn or unreadable.
        FingerprintMismatchError: the store's vectors come from another extractor than `expected`.
            How the store's pictures were cropped plays no part: queries of any kind search it.
    """
    for attempt in range(_TRIES):
        manifest = read_manifest(folder)
        if expected is not None:
            check_fingerprint(folder, manifest.extractor, expected.cropped_as(manifest.extractor))
        try:
            return _load(folder, manifest)
        except StoreCorruptError:
            # A writer may have replaced the version that was just being read.
            if attempt == _TRIES - 1 or read_manifest(folder).version == manifest.version:
                raise
    raise AssertionError("unreachable")


def store_version(folder: Path) -> tuple[int, int]:
    """A cheap mark that changes with every commit: the manifest's inode and time."""
    try:
        status = (folder / MANIFEST).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_store(folder) from error
    return status.st_ino, status.st_mtime_ns


def check_fingerprint(folder: Path, actual: ExtractorSpec, expected: ExtractorSpec) -> None:
    """Vectors of different extractors, or of pictures cropped in another way, never mix."""
    if expected.fingerprint != actual.fingerprint:
        raise FingerprintMismatchError(
            f"the store {folder} was made by {actual}, not by {expected}; "
            "choose that extractor and crop, or extract into another folder"
        )


def _load(folder: Path, manifest: Manifest) -> StoreView:
    blocks: list[Vectors] = []
    pictures: list[GalleryPicture] = []
    products: dict[str, Product] = {}
    try:
        for file in manifest.files:
            _check_whole(folder, file)
        for segment in manifest.segments:
            blocks.append(_vectors(folder, segment, manifest.extractor.dim))
            rows = read_rows(folder / segment.rows.name)
            if len(rows) != segment.count:
                raise ValueError(f"{segment.rows.name} has {len(rows)} rows, not {segment.count}")
            pictures.extend(rows)
            products.update((p.id, p) for p in read_products(folder / segment.products.name))
        live = _live(folder, manifest)
    except Exception as error:  # parsers raise anything on damaged data
        raise StoreCorruptError(
            f"the store {folder} is damaged: {error}; restore the file, or delete the folder "
            "and extract again"
        ) from error
    alive = {pictures[row].product_id for row in np.flatnonzero(live).tolist()}
    known = {key: product for key, product in products.items() if key in alive}
    return StoreView(folder, manifest, tuple(blocks), tuple(pictures), known, live)


def _check_whole(folder: Path, file: SegmentFile) -> None:
    """Every file has its size; all but the vectors, too large to read through, their digest."""
    path = folder / file.name
    size = path.stat().st_size
    if size != file.bytes:
        raise ValueError(f"{file.name} has {size} bytes, not {file.bytes}")
    if not file.name.startswith("vectors") and blake2b(path.read_bytes()) != file.blake2b:
        raise ValueError(f"the bytes of {file.name} have changed")


def _vectors(folder: Path, segment: Segment, dim: int) -> Vectors:
    vectors: Vectors = np.load(
        folder / segment.vectors.name,
        mmap_mode="r" if segment.count else None,  # an empty file cannot be mapped
        allow_pickle=False,
    )
    if vectors.shape != (segment.count, dim) or vectors.dtype != np.float32:
        raise ValueError(f"{segment.vectors.name} holds {vectors.shape} {vectors.dtype}")
    return vectors.view(np.ndarray)


def _live(folder: Path, manifest: Manifest) -> RowMask:
    live: RowMask = np.ones(manifest.rows, dtype=np.bool_)
    if manifest.deleted is not None:
        live[np.load(folder / manifest.deleted.name, allow_pickle=False)] = False
    return live
