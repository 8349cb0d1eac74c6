"""Opening a store: one consistent version of it, its vectors memory-mapped."""

from pathlib import Path

import numpy as np

from features.errors import FingerprintMismatchError, StoreCorruptError
from features.store.keys import Keys
from features.store.manifest import MANIFEST, Manifest, Segment, no_store, read_manifest
from features.store.segments import SegmentData, check_size, read_deleted, read_segment
from features.store.view import StoreView
from features.types import ExtractorSpec, RowMask

_TRIES = 20

Parts = dict[Segment, SegmentData]
"""Segments that were read before: what the manifest still names is not read again."""


def open_store(
    folder: Path, expected: ExtractorSpec | None = None, *, previous: StoreView | None = None
) -> StoreView:
    """The newest version of a store.

    Args:
        previous: an earlier version; segments that are still the same are taken over from it.

    Raises:
        StoreNotFoundError: the folder holds no store.
        StoreCorruptError: a file that the manifest names is missing, torn or unreadable.
        FingerprintMismatchError: the store's vectors come from another extractor than `expected`.
            How the store's pictures were cropped plays no part: queries of any kind search it.
    """
    before = previous if previous is not None and previous.folder == folder else None
    parts = {} if before is None else {part.segment: part for part in before.parts}
    keys = Keys() if before is None else before.keys
    for attempt in range(_TRIES):
        manifest = read_manifest(folder)
        if expected is not None:
            check_fingerprint(folder, manifest.extractor, expected.cropped_as(manifest.extractor))
        try:
            return _load(folder, manifest, parts, keys)
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


def damaged(folder: Path, error: Exception) -> StoreCorruptError:
    """The error for a store with a file that is not as it was written."""
    return StoreCorruptError(
        f"the store {folder} is damaged: {error}; restore the file, or delete the folder "
        "and extract again"
    )


def _load(folder: Path, manifest: Manifest, parts: Parts, keys: Keys) -> StoreView:
    """What is read is added to `parts`: another try reads only what the next version changed."""
    try:
        live = _live(folder, manifest)
        for file in manifest.files:
            check_size(folder, file)
        for segment in manifest.segments:
            if segment not in parts:
                parts[segment] = read_segment(folder, segment, manifest.extractor.dim, keys)
    except Exception as error:  # parsers raise anything on damaged data
        raise damaged(folder, error) from error
    return StoreView(folder, manifest, tuple(parts[s] for s in manifest.segments), live, keys)


def _live(folder: Path, manifest: Manifest) -> RowMask:
    live: RowMask = np.ones(manifest.rows, dtype=np.bool_)
    live[read_deleted(folder, manifest)] = False
    return live
