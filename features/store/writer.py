"""Changing a store: one writer at a time, every change complete or not there at all."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from features.closing import Closing
from features.errors import MetricError, StoreCorruptError, StoreNotFoundError
from features.store.arrays import vectors_npy, write_deleted
from features.store.compaction import Layout, Merge
from features.store.disk import (
    naming_write_errors,
    segment_files,
    sweep,
    write_file,
    write_manifest,
)
from features.store.lock import WriteLock
from features.store.manifest import MANIFEST, Manifest, Segment, SegmentFile, read_manifest
from features.store.reader import check_fingerprint, open_store, unreadable
from features.store.segments import RowNumbers, read_deleted
from features.store.tables import products_csv, rows_csv
from features.store.view import StoreView
from features.types import ExtractorSpec, GalleryPicture, Metric, Product, Vectors

LOCK = ".lock"
_PIECE_ROWS = 4_096


class StoreWriter(Closing):
    """Holds the store's write lock from creation to `close`; a context manager.

    Every method that changes the store has committed it when it returns: after a crash at any
    moment the store opens with every committed change and no other.
    """

    def __init__(
        self,
        folder: Path,
        spec: ExtractorSpec,
        pictures_root: Path | None = None,
        *,
        wait: float = 0.0,
        purpose: str = "",
        first_version: int = 0,
        metric: Metric | None = None,
    ) -> None:
        """Take the lock and open the store; a folder without one gets an empty store.

        Args:
            pictures_root: what picture locations are relative to; None leaves an existing store
                as it is, and is the store's own folder for a new one.
            wait: seconds to wait for another writer.
            purpose: what is being done, for those who wait: "importing feed.csv".
            first_version: what a store that is to replace another counts on from, if it is below.
            metric: how the store tells distances; None as it does, Euclidean for a new one.

        Raises:
            StoreError: the store is locked, damaged, of another extractor or metric, or cannot be
                written.
        """
        self.folder = folder
        self._seen: StoreView | None = None
        with naming_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = WriteLock(folder / LOCK, wait=wait, purpose=purpose)
            try:
                self._manifest = self._opened(spec, pictures_root, first_version, metric)
                self._deleted = self._known_deleted()
                sweep(folder, self._manifest)
            except BaseException:
                self._lock.close()
                raise

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()

    def view(self) -> StoreView:
        """What the store holds now."""
        self._seen = open_store(self.folder, previous=self._seen)
        return self._seen

    def append(
        self,
        pictures: Sequence[GalleryPicture],
        vectors: Vectors,
        products: Iterable[Product],
        *,
        replacing: Iterable[int] = (),
    ) -> None:
        """Add rows, add or replace products, and delete the rows that these replace, all at once.

        Args:
            vectors: shape (len(pictures), dim); of no rows for a change of products only.
            replacing: rows of the store as it is now.

        Raises:
            ValueError: the vectors have another shape.
            IndexError: a row to replace is not there.
        """
        described = list(products)
        deleted = self._with_deleted(replacing)
        segments = self._manifest.segments
        self._check_shape(pictures, vectors)
        with naming_write_errors(self.folder):
            if pictures or described:
                number = self._manifest.numbered + 1
                added = self._write_segment(number, pictures, [vectors], described)
                self._commit((*segments, added), deleted)
            elif len(deleted) > len(self._deleted):
                self._commit(segments, deleted)

    def delete(self, rows: Iterable[int]) -> None:
        """Make rows unfindable; their place is freed by a compaction."""
        self.append([], np.empty((0, self._manifest.extractor.dim), np.float32), [], replacing=rows)

    @property
    def needs_compaction(self) -> bool:
        """Many segments of one size, or much of the rows deleted."""
        return bool(self._layout.due())

    def compact(self, *, everything: bool = False) -> None:
        """Merge the segments that are due, or all, into few; what they had deleted is dropped.

        Rows get other numbers. Memory is needed for the tables of the merged segments and a few
        thousand vectors.
        """
        layout = self._layout
        chosen = frozenset(range(len(layout.segments))) if everything else layout.due()
        if not chosen:
            return
        merge = self._checked(Merge(self.folder, self._manifest, layout, chosen))
        kept = layout.without(chosen)
        with naming_write_errors(self.folder):
            self._commit((*kept.segments, *self._merged(merge)), kept.deleted)
            sweep(self.folder, self._manifest)

    @property
    def _layout(self) -> Layout:
        return Layout(self._manifest.segments, self._deleted)

    def _opened(
        self,
        spec: ExtractorSpec,
        pictures_root: Path | None,
        first_version: int,
        metric: Metric | None,
    ) -> Manifest:
        root = None if pictures_root is None else self._relative(pictures_root)
        try:
            manifest = read_manifest(self.folder)
        except StoreNotFoundError:
            _refuse_files_of_a_store(self.folder)
            new = metric or Metric.EUCLIDEAN
            _check_metric(new, spec)
            manifest = Manifest(spec, root or ".", version=first_version, metric=new)
            write_manifest(self.folder, manifest)
        check_fingerprint(self.folder, manifest.extractor, spec)
        _check_same_metric(self.folder, manifest.metric, metric)
        current = manifest
        if root is not None and manifest.pictures_root != root:
            current = replace(manifest, pictures_root=root, version=manifest.version + 1)
        if current.version < first_version:
            current = replace(current, version=first_version)
        if current != manifest:
            write_manifest(self.folder, current)
        return current

    def _relative(self, pictures_root: Path) -> str:
        """Relative, so that a catalogue and its store can be moved together."""
        return os.path.relpath(pictures_root.resolve(), self.folder.resolve())

    def _known_deleted(self) -> RowNumbers:
        try:
            return read_deleted(self.folder, self._manifest)
        except Exception as error:  # numpy raises anything on damaged data
            raise unreadable(self.folder, error) from error

    def _with_deleted(self, rows: Iterable[int]) -> RowNumbers:
        gone = np.fromiter(rows, dtype=np.int64)
        outside = gone[(gone < 0) | (gone >= self._manifest.rows)]
        if len(outside):
            raise IndexError(int(outside[0]))
        return np.union1d(self._deleted, gone)

    def _check_shape(self, pictures: Sequence[GalleryPicture], vectors: Vectors) -> None:
        expected = (len(pictures), self._manifest.extractor.dim)
        if vectors.shape != expected:
            raise ValueError(f"the vectors have the shape {vectors.shape}, not {expected}")

    def _checked(self, merge: Merge) -> Merge:
        """Everything that the merge reads was read, and found to be whole."""
        try:
            merge.wanted  # noqa: B018
        except Exception as error:  # parsers raise anything on damaged data
            raise unreadable(self.folder, error) from error
        return merge

    def _merged(self, merge: Merge) -> list[Segment]:
        view = merge.view
        return [
            self._write_segment(
                number,
                [view.pictures[row] for row in rows.tolist()],
                (
                    view.vectors(rows[at : at + _PIECE_ROWS])
                    for at in range(0, len(rows), _PIECE_ROWS)
                ),
                products,
            )
            for number, (rows, products) in enumerate(
                merge.chunks(), start=self._manifest.numbered + 1
            )
        ]

    def _write_segment(
        self,
        number: int,
        pictures: Sequence[GalleryPicture],
        vectors: Iterable[Vectors],
        products: Iterable[Product],
    ) -> Segment:
        shape = (len(pictures), self._manifest.extractor.dim)
        return Segment(
            number=number,
            count=len(pictures),
            vectors=self._write(f"vectors-{number:04}.npy", vectors_npy(shape, vectors)),
            rows=self._write(f"rows-{number:04}.csv", [rows_csv(pictures)]),
            products=self._write(f"products-{number:04}.csv", [products_csv(products)]),
        )

    def _write(self, name: str, content: Iterable[bytes | memoryview]) -> SegmentFile:
        return write_file(self.folder, name, content)

    def _commit(self, segments: tuple[Segment, ...], deleted: RowNumbers) -> None:
        before = self._manifest
        same = np.array_equal(deleted, self._deleted)
        version = before.version + 1
        changed = replace(
            before,
            version=version,
            numbered=max([before.numbered, *(segment.number for segment in segments)]),
            segments=segments,
            deleted=before.deleted if same else write_deleted(self.folder, version, deleted),
        )
        try:
            write_manifest(self.folder, changed)
        finally:  # what interrupts its last flush comes too late: the change is committed
            if read_manifest(self.folder).version == version:
                self._manifest, self._deleted = changed, deleted
        if before.deleted is not None and not same:
            with contextlib.suppress(OSError):  # else it is swept with the rest
                (self.folder / before.deleted.name).unlink()


def _refuse_files_of_a_store(folder: Path) -> None:
    """A store that lost its manifest, or files of someone else, would be swept away."""
    for file in segment_files(folder):
        raise StoreCorruptError(
            f"{folder} holds {file.name} but no {MANIFEST}; restore that, or choose an empty folder"
        )


def _check_metric(metric: Metric, spec: ExtractorSpec) -> None:
    if metric is not Metric.EUCLIDEAN and not spec.normalized:
        raise MetricError(
            f"the vectors of {spec.name} have not all the length 1, so that their nearest by "
            f"{metric} are others; use the metric euclidean"
        )


def _check_same_metric(folder: Path, actual: Metric, expected: Metric | None) -> None:
    if expected not in (None, actual):
        raise MetricError(
            f"the store {folder} tells its distances in the metric {actual}, not {expected}; "
            "leave the metric out, or extract into another folder"
        )
