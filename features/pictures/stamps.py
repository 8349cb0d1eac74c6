"""Remembers what pictures held, so that unchanged ones need not be read again."""

import contextlib
import sqlite3
import threading
from pathlib import Path

from features.closing import Closing


class StampBook(Closing):
    """Content hashes by location and stamp (see `PictureRoot.stamp`), in a file or in memory.

    It only saves time: lost, damaged or read-only, pictures are read once more. Safe to use from
    several threads.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = _opened(file)

    def digest(self, location: str, stamp: str | None) -> str | None:
        """The content of the picture, if its stamp is as it was when it was noted."""
        if stamp is None:
            return None
        found: tuple[str] | None = None
        with self._lock, contextlib.suppress(sqlite3.Error):
            found = self._database.execute(
                "SELECT digest FROM stamps WHERE location = ? AND stamp = ?", (location, stamp)
            ).fetchone()
        return None if found is None else found[0]

    def note(self, location: str, stamp: str | None, digest: str) -> None:
        """Remember what a picture held under this stamp."""
        if stamp is None:
            return
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._database.execute(
                "INSERT OR REPLACE INTO stamps VALUES (?, ?, ?)", (location, stamp, digest)
            )

    def flush(self) -> None:
        """Keep what was noted up to now, whatever happens next."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._database.commit()

    def close(self) -> None:
        """Flush, and let go of the file."""
        self.flush()
        self._database.close()


def _opened(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        for _ in range(2):
            with contextlib.suppress(sqlite3.Error, OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                return _connected(str(file))
            with contextlib.suppress(OSError):
                file.unlink()  # damaged, or of another make: it is only a memory
    return _connected(":memory:")


def _connected(file: str) -> sqlite3.Connection:
    database = sqlite3.connect(file, check_same_thread=False, timeout=5.0)
    try:
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE IF NOT EXISTS stamps "
            "(location TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID"
        )
        database.execute("SELECT location, stamp, digest FROM stamps LIMIT 1").fetchone()
        database.commit()
    except sqlite3.Error:
        database.close()
        raise
    return database
