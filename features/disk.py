"""What writing to a disk needs, whatever is written."""

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

_LEFT_ALONE_S = 3600.0

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EACCES: "the folder may not be written; change its permissions",
    errno.EPERM: "the folder may not be written; change its permissions",
    errno.EROFS: "the file system is read-only",
    errno.EEXIST: "there is a file where its folder should be",
    errno.ENOTDIR: "there is a file where its folder should be",
    errno.ENOENT: "its folder is not there; make it, or name another",
}


def write_problem(error: OSError) -> str:
    """Why something could not be written, and what helps where that is known."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def flush_folder(folder: Path) -> None:
    """Flush the folder's own entries: which files it holds, under which names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep_drafts(drafts: Iterable[Path]) -> int:
    """Delete files and folders that a killed process left half written; how many those were.

    Nobody has written to them for an hour; in a folder, not to the files in it either.
    """
    gone = 0
    for draft in drafts:
        with contextlib.suppress(OSError):  # swept by another process, or not ours to delete
            parts = [draft, *draft.iterdir()] if draft.is_dir() else [draft]
            written = max(part.stat().st_mtime for part in parts)
            if time.time() - written < _LEFT_ALONE_S:
                continue
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
            gone += 1
    return gone
