"""A damaged store gets back what its pictures still tell; all that is whole stays as it is."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from features.detection import Detector
from features.errors import (
    CatalogError,
    InvalidPictureError,
    PictureNotFoundError,
    RowError,
    StoreCorruptError,
)
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash
from features.pictures import PictureFolder, PictureSource, Vault
from features.pipeline.entries import UsableEntries
from features.pipeline.prepare import Preparation
from features.store import naming_write_errors, read_manifest
from features.store.damage import Damage, damage_of
from features.store.lock import WriteLock
from features.store.mending import Mending
from features.store.reader import check_fingerprint
from features.store.writer import LOCK
from features.types import CatalogEntry, GalleryPicture, Prepared, Vectors

_PATIENCE = 600.0  # seconds that a repair waits for an import
_BATCH = 32


@dataclass(frozen=True)
class LostPicture:
    """A picture that can be found no more, and why it could not be embedded again."""

    product_id: str
    location: str
    reason: str


@dataclass(frozen=True)
class Repair:
    """What a repair did; nothing where the store was whole."""

    damage: Damage
    embedded: int = 0
    """Pictures that were embedded again."""
    lost: tuple[LostPicture, ...] = ()
    """Those of which it is known what they were."""
    missing: int = 0
    """Pictures that can be found no more, known or not."""


def repair_store(
    folder: Path,
    extractor: Extractor,
    vault: Vault,
    *,
    pictures: Path | None = None,
    cropper: Detector | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
    catalog: Iterable[CatalogEntry | RowError] | None = None,
) -> Repair:
    """Embed again the pictures whose vectors are damaged; let go of what cannot be known.

    Rows whose table is damaged, and products whose description is, leave the store: an import of
    the catalogue brings them back. Files that are whole are not touched. A server follows.

    Args:
        vault: holds the pictures that came from the web, an archive, or an upload.
        pictures: the catalogue's folder, if it is no longer where it was.
        cropper: finds the main item of each picture, where the store was made so.
        catalog: what is imported next, so that a list of deleted products need not be known.

    Raises:
        StoreCorruptError: it is not known which products were deleted, and no catalogue follows.
        CatalogError: the one that follows does not tell it either.
        StoreLockedError: an import is at work that does not end.
        StoreError: the store cannot be read or written, or is of another extractor.
    """
    prepare = Preparation(extractor, cropper, limits)
    with naming_write_errors(folder):
        lock = WriteLock(folder / LOCK, wait=_PATIENCE, purpose="repairing the store")
    with lock:
        manifest = read_manifest(folder)
        check_fingerprint(folder, manifest.extractor, prepare.spec)
        damage = damage_of(folder, manifest)
        if not damage:
            return Repair(damage)
        if damage.deleted and catalog is None:
            raise StoreCorruptError(
                f"{damage.deleted}, so it is not known which products of {folder} were deleted; "
                "restore the file, or give the newest catalogue: --repair CATALOG"
            )
        if catalog is not None:
            _check_telling(catalog, damage)
        root = pictures or (folder / manifest.pictures_root).resolve()
        source = PictureSource(PictureFolder(root), vault)
        return _mend(Mending(folder, manifest, damage), prepare, source)


def _check_telling(catalog: Iterable[CatalogEntry | RowError], damage: Damage) -> None:
    """Find out before anything is mended: deleted products would be there until an import."""
    with UsableEntries(catalog) as entries:
        if not damage.deleted:
            return
        deque(entries, maxlen=0)
    for error in entries.failed:
        if error.unread:
            raise CatalogError(
                f"{damage.deleted}, and not all rows of the catalogue can be read ({error}), so "
                "that it does not tell which products were deleted either; correct it"
            )


def _mend(mending: Mending, prepare: Preparation, source: PictureSource) -> Repair:
    """Commit what can be embedded again; the whole lot, or nothing of it."""
    vectors: dict[int, Vectors] = {}
    lost: dict[int, dict[int, LostPicture]] = {}
    embedded = 0
    for position, wanted in mending.wanted().items():
        again = _Again(prepare, source)
        vectors[position] = again.embedded(wanted, mending.manifest.segments[position].count)
        lost[position] = again.lost
        embedded += len(wanted) - len(again.lost)
    missing = mending.commit(vectors, lost)
    known = tuple(one for rows in lost.values() for one in rows.values())
    return Repair(mending.damage, embedded, known, missing)


class _Again:
    """The vectors of one segment, made anew of its pictures."""

    def __init__(self, prepare: Preparation, source: PictureSource) -> None:
        self._prepare = prepare
        self._source = source
        self.lost: dict[int, LostPicture] = {}

    def embedded(self, wanted: Mapping[int, GalleryPicture], count: int) -> Vectors:
        """Shape (count, dim); zeros where nothing is wanted, or no picture is there."""
        extractor = self._prepare.extractor
        vectors = np.zeros((count, extractor.spec.dim), dtype=np.float32)
        waiting = self._read(wanted)
        while batch := dict(islice(waiting, _BATCH)):
            vectors[list(batch)] = extractor.embed_prepared(list(batch.values()))
        return vectors

    def _read(self, wanted: Mapping[int, GalleryPicture]) -> Iterator[tuple[int, Prepared]]:
        for row, shown in wanted.items():
            try:
                yield row, self._prepare(self._bytes(shown))
            except (PictureNotFoundError, InvalidPictureError) as error:
                self.lost[row] = LostPicture(shown.product_id, shown.location, str(error))

    def _bytes(self, shown: GalleryPicture) -> bytes:
        if shown.time_s is not None:
            raise PictureNotFoundError("it is a video; import the catalogue again")
        data = self._source.stored(shown.location, shown.content_hash, self._prepare.limits)
        if content_hash(data) != shown.content_hash:
            raise PictureNotFoundError("the picture has changed; import the catalogue again")
        return data
