"""Errors that pass: the machine is short of something, which says nothing about a file."""

import errno
from pathlib import Path

from features.errors import StoreError

_PASSING = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR))


def is_passing(error: Exception) -> bool:
    """Whether the same file may be read a moment later."""
    short = isinstance(error, OSError) and error.errno in _PASSING
    return short or isinstance(error, MemoryError)


def not_now(folder: Path, error: Exception) -> StoreError:
    """The error for a store that cannot be read because of one that passes."""
    why = (isinstance(error, OSError) and error.strerror) or "out of memory"
    return StoreError(
        f"the store {folder} cannot be read for now: {why}; it is not damaged: try again, and give "
        "the process more memory or open files if that happens often"
    )
