"""What is known of the copies of pictures from the web: a small table that may be lost."""

import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from features.disk import write_problem
from features.errors import PictureWriteError
from features.pictures.manners import cancelled, http_time

_HOUR = 3_600.0
_SHORTEST, _USUAL, _LONGEST = _HOUR, 24 * _HOUR, 7 * 24 * _HOUR

_PATIENCE_S = 30.0
_PAUSE_S = 0.01
_LAYOUT = 1
_TABLE = """
    CREATE TABLE IF NOT EXISTS copies (
        url TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        fetched_at REAL NOT NULL,
        fresh_until REAL NOT NULL
    ) WITHOUT ROWID
"""


@dataclass(frozen=True)
class WebCopy:
    """The copy of a picture. Times are seconds since 1970; the digest is its name in the vault."""

    url: str
    digest: str
    etag: str | None
    last_modified: str | None
    fetched_at: float
    fresh_until: float

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the picture only if it is another one now."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value is not None}


def fresh_until(headers: Mapping[str, str], now: float) -> float:
    """Until when a copy need not be asked for again: as the server says, within reason."""
    seconds = _max_age(headers.get("Cache-Control", ""))
    if seconds is None:
        seconds = _expires_in(headers, now)
    return now + min(_LONGEST, max(_SHORTEST, seconds))


def _expires_in(headers: Mapping[str, str], now: float) -> float:
    if "Expires" not in headers:
        return _USUAL
    expires = http_time(headers["Expires"])  # what is no date means "at once" (RFC 9111, 5.3)
    return 0.0 if expires is None else expires - (http_time(headers.get("Date")) or now)


def _max_age(cache_control: str) -> float | None:
    for part in cache_control.lower().split(","):
        name, _, value = part.strip().partition("=")
        if name in {"no-store", "no-cache"}:
            return 0.0
        if name == "max-age" and value.strip('"').isdecimal():
            return float(value.strip('"'))
    return None


class WebCopies:
    """The table of copies in an SQLite file, for several threads and processes.

    A damaged file is thrown away: pictures are fetched once more, nothing else is lost.
    """

    def __init__(self, path: Path) -> None:
        """The file is opened, or made, when it is first asked: most catalogues need none."""
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._closed = False

    def get(self, url: str) -> WebCopy | None:
        """What is known of the copy of a URL."""
        rows = self._run(
            "SELECT url, digest, etag, last_modified, fetched_at, fresh_until"
            " FROM copies WHERE url = ?",
            (url,),
        )
        return WebCopy(*rows[0]) if rows else None

    def put(self, copy: WebCopy) -> None:
        """Remember a copy in the place of an earlier one."""
        self._run("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?)", astuple(copy))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._closed = True
            self._drop_connection()

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock:
            if self._closed:
                raise cancelled()
            try:
                return self._open().execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                raise self._unusable(str(error)) from error
            except sqlite3.DatabaseError:
                self._begin_anew()
                return self._open().execute(statement, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._unusable(write_problem(error)) from error
            database = sqlite3.connect(
                self._path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(database)
            except BaseException:
                database.close()
                raise
            self._database = database
        return self._database

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Readers and a writer do not wait for each other; a power cut may lose the last rows."""
        _write_ahead(database)
        database.execute("PRAGMA synchronous = NORMAL")
        if database.execute("PRAGMA user_version").fetchone() not in {(0,), (_LAYOUT,)}:
            raise sqlite3.DatabaseError("the table has another layout")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {_LAYOUT}")

    def _begin_anew(self) -> None:
        self._drop_connection()
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _drop_connection(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _unusable(self, reason: str) -> PictureWriteError:
        return PictureWriteError(
            f"the list of fetched pictures {self._path} cannot be used: {reason}"
        )


def _write_ahead(database: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; while another connection does, SQLite refuses at once."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
