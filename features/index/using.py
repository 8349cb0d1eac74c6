"""Which saved indexes some process searches with: those are not deleted for another kind.

Else two servers that search one store with two kinds would build theirs by turns for ever. A lock
of the kernel on the index's folder says so; it goes with its process, however that ends.
"""

import fcntl
import os
import shutil
import weakref
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def hold(folder: Path, holder: object) -> None:
    """Tell that a folder is in use for as long as an object lives."""
    with suppress(OSError):  # a file system without locks: nothing is deleted there
        number = os.open(folder, os.O_RDONLY)
        weakref.finalize(holder, os.close, number)
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)


def delete_unused(folders: Iterable[Path]) -> None:
    """Delete those that no process has in use."""
    for folder in folders:
        with suppress(OSError):  # in use, or gone already
            number = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(number)
