"""One writer at a time; who must wait is told for whom."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from features.closing import Closing
from features.errors import StoreLockedError
from features.store.disk import naming_write_errors

_POLL_SECONDS = 0.02
_SHORTEST_WAIT = 0.05  # `is_locked` holds the lock for a moment
_LONGEST_NOTE = 300


class WriteLock(Closing):
    """The lock is the kernel's: it goes with its process, however that ends.

    The file says who holds it, for people; what a dead process left in it is never read.
    """

    def __init__(self, path: Path, *, wait: float = 0.0, purpose: str = "") -> None:
        """Take the lock.

        Args:
            wait: seconds to wait for another holder.
            purpose: what the holder does, for those who wait: "importing feed.csv".

        Raises:
            StoreLockedError: another holder has it still.
            OSError: the file cannot be made.
        """
        self._file = path.open("ab+", buffering=0)
        try:
            self._acquire(path, time.monotonic() + max(wait, _SHORTEST_WAIT))
        except BaseException:
            self._file.close()
            raise
        with contextlib.suppress(OSError):  # on a full disk it holds as well
            self._file.truncate(0)
            self._file.write(_note(purpose))

    def close(self) -> None:
        """Give the lock back; a second time does nothing."""
        if not self._file.closed:
            with contextlib.suppress(OSError):
                self._file.truncate(0)
            self._file.close()

    def _acquire(self, path: Path, until: float) -> None:
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise self._refusal(path) from error
            time.sleep(_POLL_SECONDS)

    def _refusal(self, path: Path) -> StoreLockedError:
        self._file.seek(0)
        holder = self._file.read(_LONGEST_NOTE).decode(errors="replace").strip()
        return StoreLockedError(
            f"{holder or 'another process is writing'}; the store {path.parent} takes one writer "
            "at a time: wait until it has finished"
        )


def is_locked(path: Path) -> bool:
    """True while somebody holds the lock of this file, or where that cannot be told."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _note(purpose: str) -> bytes:
    doing = " ".join(purpose.split())[: _LONGEST_NOTE // 2] or "writing"
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {os.getpid()} is {doing} since {since}".encode(errors="backslashreplace")


@contextlib.contextmanager
def locked_in(lock: Path, *, wait: float, purpose: str) -> Iterator[None]:
    """Hold a lock in a folder, which is made if it is missing.

    Raises:
        StoreLockedError: another process holds it for longer than `wait` seconds.
        StoreWriteError: the folder cannot be written, by what is done inside either.
    """
    with naming_write_errors(lock.parent):
        lock.parent.mkdir(parents=True, exist_ok=True)
        with WriteLock(lock, wait=wait, purpose=purpose):
            yield
