"""The words of a store, kept beside it: derived, safe to delete, never the only copy of anything.

    text/words-N.db   the database, see `WordsDatabase`
         lock         held by whoever changes it

A few changed products are added where they are met. What takes longer is built by `build_text`,
mostly in a process of its own; the new database has the next number. Never the same name: who still
reads the old one would take the new one's journal for its own. Where the store's folder may not be
written the same is kept in the cache's.
"""

import errno
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from features.cache import cache_dir
from features.disk import sweep_drafts
from features.errors import StoreLockedError, TextSearchError
from features.store import StoreView
from features.store.lock import WriteLock
from features.text.database import WordsDatabase
from features.text.rows import RowMap, described, newest_products, segment_keys

FOLDER = "text"
QUICKLY = 5_000
"""Products whose words are added while a search waits."""
_DATABASES = "words-*.db"
_ALL = "words*"  # with their journals, and damaged ones
_LOCK = "lock"
_WAIT_S, _LONGEST_WAIT_S = 0.5, 5.0
_WORN = 2  # rows for each product: as many as that are worth building anew
_FEW = 1_000
Mark = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Indexed:
    """A database that has all words of a version."""

    database: WordsDatabase
    map: RowMap


@dataclass(frozen=True, eq=False)
class _Opened:
    path: Path | None
    mark: Mark | None
    database: WordsDatabase


class TextIndex:
    """Finds or makes the database of a store. For one thread at a time."""

    def __init__(self, store: Path) -> None:
        """Nothing is opened before it is asked for."""
        self._store = store
        self._opened: _Opened | None = None

    def over(self, view: StoreView, *, patiently: bool = False) -> Indexed | None:
        """The words of a version; None where making them takes long, see `build_text`.

        Args:
            patiently: wait longer for whoever makes them now: there are none to go on with.

        Raises:
            TextSearchError: this machine can neither keep them nor hold them in memory.
        """
        keys, refused = segment_keys(view), None
        wait = _LONGEST_WAIT_S if patiently else _WAIT_S
        for folder in text_folders(self._store):
            try:
                if self._covers(folder, keys) or self._brought_up_to(view, folder, wait):
                    return self._indexed(view)
                return None
            except StoreLockedError:
                return None
            except (OSError, sqlite3.OperationalError) as error:
                refused = error
        return self._in_memory(view, refused)

    def discard(self) -> None:
        """Put the database that is open aside: it turned out to be damaged.

        Its number is not given again, and whoever met the damage before has built another by now.
        """
        if self._opened is not None and self._opened.path is not None:
            with suppress(OSError):
                self._opened.path.rename(self._opened.path.with_suffix(".damaged"))
        self._opened = None

    def _covers(self, folder: Path, keys: Collection[str]) -> bool:
        """Whether the folder's database, opened if it is not, has all segments."""
        path = _newest(folder)
        mark = None if path is None else _mark(path)
        if path is None or mark is None:
            return False
        if self._opened is None or (self._opened.path, self._opened.mark) != (path, mark):
            database = _open(path)
            if database is None:
                return False
            self._opened = _Opened(path, mark, database)
        try:
            return set(keys) <= set(self._opened.database.segments())
        except sqlite3.DatabaseError:
            return False

    def _brought_up_to(self, view: StoreView, folder: Path, wait: float) -> bool:
        """Whether little was lacking, and is there now."""
        _make(folder, view.folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, "the folder may not be written", str(folder))
        if described(view) > QUICKLY and _lacks(view, _newest(folder)):
            return False
        with WriteLock(folder / _LOCK, wait=wait, purpose="adding the words of products"):
            keys = segment_keys(view)
            if not self._covers(folder, keys):
                path = _newest(folder)
                if path is not None and not _lacks(view, path):
                    _add(view, path)
                elif described(view) <= QUICKLY:
                    _build(view, folder)
            return self._covers(folder, keys)

    def _in_memory(self, view: StoreView, refused: Exception | None) -> Indexed:
        """A database of this process alone, where no folder may be written."""
        if described(view) > QUICKLY:
            raise TextSearchError(
                f"the words of {described(view)} products cannot be kept: {refused}; let "
                f"{self._store / FOLDER} or the folder VISUAL_SEARCH_CACHE be written, or run "
                "scripts/build_index.py as somebody who may"
            )
        database = WordsDatabase(None, new=True)
        database.add(newest_products(view, segment_keys(view)))
        self._opened = _Opened(None, None, database)
        return self._indexed(view)

    def _indexed(self, view: StoreView) -> Indexed:
        if self._opened is None:
            raise AssertionError("unreachable")
        database = self._opened.database
        return Indexed(database, RowMap(view, database.segments()))


def build_text(view: StoreView, *, wait: float = 0.0) -> int | None:
    """Build the words of a version anew where that is lacking; how many products, or None.

    Small stores need nothing: their first search does it. Searches go on meanwhile.

    Args:
        wait: seconds to wait for another process that builds them.

    Raises:
        StoreLockedError: another process is building them.
        TextSearchError: there is nowhere to keep them.
    """
    if described(view) <= QUICKLY:
        return None
    refused: Exception | None = None
    for folder in text_folders(view.folder):
        try:
            _make(folder, view.folder)
            with WriteLock(folder / _LOCK, wait=wait, purpose="building the words of products"):
                if not _lacks(view, _newest(folder)):
                    return None
                _build(view, folder)
            return described(view)
        except (OSError, sqlite3.OperationalError) as error:
            refused = error
    raise TextSearchError(f"the words of products cannot be kept in {folder}: {refused}")


def text_folders(store: Path) -> Iterator[Path]:
    """Where the words of a store may be, the best place first."""
    yield store / FOLDER
    name = hashlib.blake2b(os.fsencode(store.resolve()), digest_size=8).hexdigest()
    yield cache_dir() / FOLDER / name


def _make(folder: Path, store: Path) -> None:
    """Make the folder of a store's words, unless the store was deleted meanwhile."""
    if not store.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the store was deleted", str(store))
    folder.mkdir(parents=True, exist_ok=True)


def _lacks(view: StoreView, path: Path | None) -> bool:
    """Whether the database has to be built: too much is lacking, or of no use any more."""
    database = None if path is None else _open(path)
    if database is None:
        return True
    with database:
        try:
            known, filled = database.segments(), database.filled
        except sqlite3.DatabaseError:
            return True
    lacking = newest_products(view, set(segment_keys(view)) - set(known))
    count = sum(products.filled for products in lacking.values())
    return count > QUICKLY or filled + count > _FEW + _WORN * described(view)


def _add(view: StoreView, path: Path) -> None:
    """Add the segments that the database lacks."""
    with WordsDatabase(path, writable=True) as database:
        database.add(newest_products(view, set(segment_keys(view)) - set(database.segments())))


def _build(view: StoreView, folder: Path) -> None:
    """Write a new database, then delete all others and what crashes left of them."""
    target = folder / f"words-{max(map(_number, folder.glob(_ALL)), default=0) + 1}.db"
    sweep_drafts(folder.glob(".draft-*"))
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as draft:
        made = Path(draft) / target.name
        with WordsDatabase(made, new=True) as database:
            database.add(newest_products(view, segment_keys(view)))
            database.finish()
        _flush(made)
        made.rename(target)
    for other in folder.glob(_ALL):
        if other != target:
            other.unlink(missing_ok=True)


def _newest(folder: Path) -> Path | None:
    """The database in a folder; the last one where the others are not deleted yet."""
    return max(folder.glob(_DATABASES), key=_number, default=None)


def _number(path: Path) -> int:
    """Of a database, damaged or not, or its journal; 0 of what is none of them."""
    number = path.stem.removeprefix("words-")
    return int(number) if number.isdecimal() else 0


def _open(path: Path) -> WordsDatabase | None:
    """The database, if it is one that can be used."""
    if _mark(path) is None:
        return None
    try:
        return WordsDatabase(path)
    except sqlite3.OperationalError:  # what a crash left half done is undone by whoever may write
        return _opened_writable(path)
    except sqlite3.DatabaseError:
        return None


def _opened_writable(path: Path) -> WordsDatabase | None:
    try:
        return WordsDatabase(path, writable=True)
    except sqlite3.DatabaseError:
        return None


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _mark(path: Path) -> Mark | None:
    """What tells one database from the next in its place."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino
