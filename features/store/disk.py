"""Files that are on the disk, whole, before anything refers to them."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from features.errors import StoreWriteError
from features.store.manifest import MANIFEST, Manifest, SegmentFile


@contextlib.contextmanager
def naming_write_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder into an error that says so."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full; free some space",
            errno.EDQUOT: "the disk quota is used up; free some space",
            errno.EACCES: "the folder may not be written; change its permissions",
            errno.EPERM: "the folder may not be written; change its permissions",
            errno.EROFS: "the file system is read-only",
        }
        reason = reasons.get(error.errno or 0, error.strerror or str(error))
        raise StoreWriteError(
            f"the store {folder} cannot be written: {reason}. What was stored before is unharmed."
        ) from error


def write_file(folder: Path, name: str, content: bytes | memoryview) -> SegmentFile:
    """Write a new file and flush it to the disk."""
    with (folder / name).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return SegmentFile(name, len(content), digest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step: a reader sees the old version or the new one."""
    draft = f"{MANIFEST}.draft"
    write_file(folder, draft, manifest.to_json().encode())
    flush_folder(folder)
    (folder / draft).replace(folder / MANIFEST)
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Flush the folder's own entries: which files it holds, under which names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete what an interrupted writer left: store files that the manifest does not name."""
    named = {file.name for file in manifest.files}
    patterns = ("vectors-*.npy", "rows-*.csv", "products-*.csv", "deleted-*.npy", "*.draft")
    for pattern in patterns:
        for path in folder.glob(pattern):
            if path.name not in named:
                path.unlink(missing_ok=True)
