"""Opening a store: one consistent version of it, its vectors memory-mapped."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from features.errors import FingerprintMismatchError, StoreCorruptError, StoreError
from features.store.compaction import Layout
from features.store.damage import Missing, problem_of
from features.store.keys import Keys
from features.store.manifest import MANIFEST, Manifest, Segment, no_store, read_manifest
from features.store.passing import is_passing, not_now
from features.store.segments import SegmentData, check_size, read_deleted, read_segment
from features.store.view import StoreView
from features.types import ExtractorSpec, RowMask

_TRIES = 20

Parts = dict[Segment, SegmentData]
"""Segments that were read before: what the manifest still names is not read again."""


def open_store(
    folder: Path,
    expected: ExtractorSpec | None = None,
    *,
    previous: StoreView | None = None,
    in_part: bool = False,
) -> StoreView:
    """The newest version of a store.

    Args:
        previous: an earlier version; segments that are still the same are taken over from it.
        in_part: where segments are damaged, open the others; `missing` says what is not there.
            For searching alone: whoever changes a store must know all of it.

    Raises:
        StoreNotFoundError: the folder holds no store.
        StoreCorruptError: a file that the manifest names is missing, torn or unreadable; in
            part, all segments are, or the list of deleted rows.
        StoreError: memory or open files do not suffice for now; another try may succeed.
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
                if not in_part:
                    raise
                return _load_rest(folder, manifest, parts, keys)
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


def unreadable(folder: Path, error: Exception) -> StoreError:
    """The error for a store with a file that is not as it was written, or is not read for now."""
    if is_passing(error):
        return not_now(folder, error)
    return StoreCorruptError(
        f"the store {folder} is damaged: {error}; restore the file, or run "
        "scripts/verify_store.py --repair"
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
        raise unreadable(folder, error) from error
    return StoreView(folder, manifest, tuple(parts[s] for s in manifest.segments), live, keys)


def _load_rest(folder: Path, manifest: Manifest, parts: Parts, keys: Keys) -> StoreView:
    """Without the segments that cannot be read, as if their rows had never been there."""
    try:
        deleted = read_deleted(folder, manifest)
    except Exception as error:  # parsers raise anything on damaged data
        raise unreadable(folder, error) from error
    lost = _damaged(folder, manifest, parts, keys)
    if len(lost) == len(manifest.segments):
        raise unreadable(folder, next(iter(lost.values())))
    layout = Layout(manifest.segments, deleted)
    rest = layout.without(lost)
    left = replace(manifest, segments=tuple(rest.segments))
    live: RowMask = np.ones(left.rows, dtype=np.bool_)
    live[rest.deleted] = False
    view = StoreView(folder, left, tuple(parts[s] for s in rest.segments), live, keys)
    described = live & (view.description_of >= 0)  # products of rows here may be told of there
    pictures = manifest.rows - len(deleted) - int(described.sum())
    problems = tuple(problem_of(error) for error in lost.values())
    return replace(view, live=described, missing=Missing(len(lost), pictures, problems))


def _damaged(folder: Path, manifest: Manifest, parts: Parts, keys: Keys) -> dict[int, Exception]:
    """The places of the damaged segments, each with what is wrong."""
    lost: dict[int, Exception] = {}
    for position, segment in enumerate(manifest.segments):
        try:
            for file in segment.files:
                check_size(folder, file)
            if segment not in parts:
                parts[segment] = read_segment(folder, segment, manifest.extractor.dim, keys)
        except Exception as error:  # parsers raise anything on damaged data
            if is_passing(error):
                raise not_now(folder, error) from error
            lost[position] = error
    return lost


def _live(folder: Path, manifest: Manifest) -> RowMask:
    live: RowMask = np.ones(manifest.rows, dtype=np.bool_)
    live[read_deleted(folder, manifest)] = False
    return live
