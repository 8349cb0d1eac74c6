"""Changing a store: one writer at a time, every change complete or not there at all."""

import contextlib
import fcntl
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.disk import flush_folder
from features.errors import StoreCorruptError, StoreLockedError, StoreNotFoundError
from features.store.disk import (
    naming_write_errors,
    segment_files,
    sweep,
    write_file,
    write_manifest,
)
from features.store.manifest import MANIFEST, Manifest, Segment, SegmentFile, read_manifest
from features.store.reader import StoreView, check_fingerprint, open_store
from features.store.tables import products_csv, rows_csv
from features.types import ExtractorSpec, GalleryPicture, Product, Vectors

_LOCK = ".lock"
_COMPACT_ROWS = 50_000


class StoreWriter:
    """Holds the store's write lock from creation to `close`; a context manager.

    Every method that changes the store has committed it when it returns: after a crash at any
    moment the store opens with every committed row and no other.
    """

    def __init__(self, folder: Path, spec: ExtractorSpec, pictures_root: Path) -> None:
        self.folder = folder
        with naming_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder)
            try:
                self._manifest = self._opened(spec, pictures_root)
            except BaseException:
                self._lock.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()

    def view(self) -> StoreView:
        """What the store holds now."""
        return open_store(self.folder)

    def append(
        self, pictures: Sequence[GalleryPicture], vectors: Vectors, products: Iterable[Product]
    ) -> None:
        """Add rows, and add or replace products. `vectors` has the shape (len(pictures), dim)."""
        with naming_write_errors(self.folder):
            segment = self._write_segment(pictures, vectors, products)
            self._commit(segments=(*self._manifest.segments, segment))

    def delete(self, rows: Iterable[int]) -> None:
        """Make rows unfindable; their place is freed by the next compaction."""
        gone = np.fromiter(rows, dtype=np.int64)
        if not len(gone):
            return
        before = np.flatnonzero(~self.view().live)
        with naming_write_errors(self.folder):
            self._commit(deleted=self._write_deleted(np.union1d(before, gone)))

    def compact(self) -> None:
        """Rewrite the live rows into few segments and drop everything deleted."""
        view = self.view()
        live = np.flatnonzero(view.live)
        with naming_write_errors(self.folder):
            segments: list[Segment] = []
            waiting = dict(view.products)
            for start in range(0, len(live), _COMPACT_ROWS):
                rows = live[start : start + _COMPACT_ROWS].tolist()
                pictures = [view.pictures[row] for row in rows]
                vectors = np.stack([view.vector(row) for row in rows])
                owned = [
                    waiting.pop(key)
                    for key in dict.fromkeys(p.product_id for p in pictures)
                    if key in waiting
                ]
                offset = len(segments)
                segments.append(self._write_segment(pictures, vectors, owned, offset))
            self._commit(segments=tuple(segments), deleted=None)
            sweep(self.folder, self._manifest)

    @property
    def needs_compaction(self) -> bool:
        """Many small segments, or a quarter of the rows deleted."""
        manifest = self._manifest
        deleted = 0 if manifest.deleted is None else int((~self.view().live).sum())
        small = sum(segment.count < _COMPACT_ROWS // 2 for segment in manifest.segments)
        return small > 8 or deleted * 4 > manifest.rows

    def _opened(self, spec: ExtractorSpec, pictures_root: Path) -> Manifest:
        # Relative, so that a catalogue and its store can be moved together.
        root = os.path.relpath(pictures_root.resolve(), self.folder.resolve())
        try:
            manifest = read_manifest(self.folder)
        except StoreNotFoundError:
            _refuse_files_of_a_store(self.folder)
            manifest = Manifest(spec, root)
            write_manifest(self.folder, manifest)
        check_fingerprint(self.folder, manifest.extractor, spec)
        if manifest.pictures_root != root:
            manifest = replace(manifest, pictures_root=root, version=manifest.version + 1)
            write_manifest(self.folder, manifest)
        sweep(self.folder, manifest)
        return manifest

    def _write_segment(
        self,
        pictures: Sequence[GalleryPicture],
        vectors: Vectors,
        products: Iterable[Product],
        offset: int = 0,
    ) -> Segment:
        number = 1 + offset + max((s.number for s in self._manifest.segments), default=0)
        return Segment(
            number=number,
            count=len(pictures),
            vectors=self._write(f"vectors-{number:04}.npy", _npy(vectors)),
            rows=self._write(f"rows-{number:04}.csv", rows_csv(pictures)),
            products=self._write(f"products-{number:04}.csv", products_csv(products)),
        )

    def _write_deleted(self, rows: NDArray[np.int64]) -> SegmentFile:
        return self._write(f"deleted-{self._manifest.version + 1:04}.npy", _npy(rows))

    def _write(self, name: str, content: bytes | memoryview) -> SegmentFile:
        return write_file(self.folder, name, content)

    def _commit(self, **changes: object) -> None:
        flush_folder(self.folder)
        changed = replace(self._manifest, version=self._manifest.version + 1, **changes)  # type: ignore[arg-type]
        write_manifest(self.folder, changed)
        self._manifest = changed


def _refuse_files_of_a_store(folder: Path) -> None:
    """A store that lost its manifest, or files of someone else, would be swept away."""
    for file in segment_files(folder):
        raise StoreCorruptError(
            f"{folder} holds {file.name} but no {MANIFEST}; restore that, or choose an empty folder"
        )


def _npy(array: Vectors | NDArray[np.int64]) -> memoryview:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getbuffer()


def _locked(folder: Path) -> io.TextIOWrapper:
    """The lock is the kernel's: it goes with its process, however that ends."""
    lock = (folder / _LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        raise StoreLockedError(
            f"{holder} is writing to the store {folder}; wait until it has finished"
        ) from error
    with contextlib.suppress(OSError):
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
    return lock
