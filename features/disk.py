"""What writing to a disk needs, whatever is written."""

import errno
import os
from pathlib import Path

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EACCES: "the folder may not be written; change its permissions",
    errno.EPERM: "the folder may not be written; change its permissions",
    errno.EROFS: "the file system is read-only",
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
