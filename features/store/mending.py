"""Putting a damaged store in order: what is whole stays byte for byte, what is not is replaced."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from features.store.arrays import vectors_npy, write_deleted
from features.store.compaction import Layout
from features.store.damage import Damage
from features.store.disk import naming_write_errors, sweep, write_file, write_manifest
from features.store.manifest import Manifest, Segment
from features.store.segments import RowNumbers, read_deleted
from features.store.tables import picture, products_table, rows_table
from features.types import GalleryPicture, Vectors


@dataclass(frozen=True)
class Mending:
    """A damaged version of a store, whose write lock the caller holds."""

    folder: Path
    manifest: Manifest
    damage: Damage

    @property
    def dropped(self) -> frozenset[int]:
        """The places of the segments of which nobody knows any more what their rows were."""
        return frozenset(
            segment.position
            for segment in self.damage.segments
            if not segment.can_be_embedded_again
        )

    def wanted(self) -> dict[int, dict[int, GalleryPicture]]:
        """The pictures whose vectors are gone, by segment and row in it; deleted ones are not."""
        gone = Layout(self.manifest.segments, self._deleted()).gone
        return {
            segment.position: self._pictures(segment.position, gone[segment.position])
            for segment in self.damage.segments
            if segment.can_be_embedded_again
        }

    def commit(self, vectors: Mapping[int, Vectors], lost: Mapping[int, Collection[int]]) -> int:
        """Put new vectors in the place of the damaged ones; what cannot be mended goes.

        Args:
            vectors: by the place of a segment, of all its rows: shape (count, dim).
            lost: by the place of a segment, rows of it that have no vector.

        Returns:
            How many pictures can be found no more.

        Raises:
            StoreWriteError: the folder cannot be written; the store is as it was.
        """
        found_before = self.manifest.rows - len(self._deleted())
        with naming_write_errors(self.folder):
            segments = self._with(vectors)
            left = Layout(segments, self._without(lost)).without(self.dropped)
            rows = np.union1d(left.deleted, self._undescribed(left.segments))
            version = self.manifest.version + 1
            changed = replace(
                self.manifest,
                version=version,
                numbered=max([self.manifest.numbered, *(s.number for s in segments)]),
                segments=tuple(left.segments),
                deleted=write_deleted(self.folder, version, rows),
            )
            write_manifest(self.folder, changed)
            sweep(self.folder, changed)
        return found_before - (changed.rows - len(rows))

    def _with(self, vectors: Mapping[int, Vectors]) -> list[Segment]:
        """Names are never given twice: a reader of the version before keeps its own files."""
        segments = list(self.manifest.segments)
        for number, position in enumerate(sorted(vectors), start=self.manifest.numbered + 1):
            shape = (segments[position].count, self.manifest.extractor.dim)
            pieces = vectors_npy(shape, [vectors[position]])
            written = write_file(self.folder, f"vectors-{number:04}.npy", pieces)
            segments[position] = replace(segments[position], number=number, vectors=written)
        return segments

    def _without(self, lost: Mapping[int, Collection[int]]) -> RowNumbers:
        starts = np.cumsum([0, *(segment.count for segment in self.manifest.segments)])
        rows = [
            start + row
            for position, start in enumerate(starts[:-1].tolist())
            for row in lost.get(position, ())
        ]
        return np.union1d(self._deleted(), np.array(rows, dtype=np.int64))

    def _deleted(self) -> RowNumbers:
        """The rows that are deleted; where their list is lost, those that were replaced."""
        if self.damage.deleted:
            return self._replaced()
        return read_deleted(self.folder, self.manifest)

    def _replaced(self) -> RowNumbers:
        """Of each picture of a product all rows but the last."""
        last: dict[tuple[str, str], int] = {}
        replaced, start = [], 0
        for position, segment in enumerate(self.manifest.segments):
            if position not in self.dropped:
                for row, shown in self._pictures(position, np.zeros(0, np.int64)).items():
                    key = shown.product_id, shown.location
                    if key in last:
                        replaced.append(last[key])
                    last[key] = start + row
            start += segment.count
        return np.array(sorted(replaced), dtype=np.int64)

    def _pictures(self, position: int, gone: RowNumbers) -> dict[int, GalleryPicture]:
        records = rows_table(self.folder, self.manifest.segments[position].rows).records()
        without = set(gone.tolist())
        return {row: picture(it) for row, it in enumerate(records) if row not in without}

    def _undescribed(self, segments: Collection[Segment]) -> RowNumbers:
        """The rows of products that only a dropped segment described."""
        if not self.dropped:
            return np.zeros(0, dtype=np.int64)
        described = {
            key
            for segment in segments
            for key in products_table(self.folder, segment.products).column("id")
        }
        owners = (
            key
            for segment in segments
            for key in rows_table(self.folder, segment.rows).column("product_id")
        )
        rows = [row for row, owner in enumerate(owners) if owner not in described]
        return np.array(rows, dtype=np.int64)
