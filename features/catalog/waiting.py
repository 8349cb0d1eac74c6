"""Groups that wait for the last row: on disk, but for the one whose rows come just now."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from features.catalog.merging import Group, Rows
from features.errors import CatalogError
from features.types import CatalogEntry, Product

# The file is written once, read once and thrown away: nothing in it needs to outlive a crash.
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -32000;
CREATE TABLE waiting (
    place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, said BLOB NOT NULL, pictures INTEGER
);
BEGIN;
"""
_NEW = "INSERT INTO waiting (id, said, pictures) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_KNOWN = "SELECT place, said FROM waiting WHERE id = ?"
_MORE = "UPDATE waiting SET said = ?, pictures = ? WHERE place = ?"
_PICTURES = "SELECT coalesce(sum(pictures), 0) FROM waiting"
_ALL = "SELECT said FROM waiting ORDER BY place"

_FIELDS = tuple(field.name for field in fields(Product))
_PRICE, _ATTRIBUTES = _FIELDS.index("price"), _FIELDS.index("attributes")
_values = attrgetter(*_FIELDS)
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class WaitingGroups:
    """Groups by id, in the order of their first rows."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._id: str | None = None
        self._place = 0
        self._group = Group()
        self._changed = False

    def add(self, entry: CatalogEntry) -> None:
        """Take in a row.

        Raises:
            RowError: as `Group.add`.
        """
        if entry.product.id != self._id:
            self._write()
            if self._begin(entry):
                return
        self._group.add(entry)
        self._changed = True

    def picture_count(self) -> int:
        """How many pictures all groups have."""
        self._write()
        count: int = self._database.execute(_PICTURES).fetchone()[0]
        return count

    def all(self) -> Iterator[Group]:
        """Every group."""
        self._write()
        for (said,) in self._database.execute(_ALL):
            yield _unpacked(said)

    def _begin(self, entry: CatalogEntry) -> bool:
        """Turn to the entry's group; whether the entry is its first row, and so taken in."""
        group, key = Group.of(entry), _bytes(entry.product.id)
        new = self._database.execute(_NEW, (key, _packed(group), group.picture_count))
        if new.rowcount:
            self._group, self._place = group, new.lastrowid or 0
        else:
            self._place, said = self._database.execute(_KNOWN, (key,)).fetchone()
            self._group = _unpacked(said)
        self._id, self._changed = entry.product.id, False
        return bool(new.rowcount)

    def _write(self) -> None:
        """Only a group with more than its first row has anything left to write."""
        if self._changed:
            group = self._group
            self._database.execute(_MORE, (_packed(group), group.picture_count, self._place))
            self._changed = False


@contextmanager
def waiting_groups() -> Iterator[WaitingGroups]:
    """Groups in a file of the temporary folder; it is deleted, whatever happens.

    Raises:
        CatalogError: the temporary folder is full or cannot be written.
    """
    with _own_folder() as folder:
        try:
            # A generator that nobody ends is closed by whatever thread drops it.
            file = sqlite3.connect(folder / "groups", isolation_level=None, check_same_thread=False)
            with closing(file) as database:
                database.executescript(_SCHEMA)
                yield WaitingGroups(database)
        except sqlite3.Error as error:
            raise CatalogError(
                f"the catalogue cannot be sorted in the temporary folder {folder.parent}: {error}; "
                "make room there, or set TMPDIR to a larger folder"
            ) from error


@contextmanager
def _own_folder() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="visual-search-", ignore_cleanup_errors=True)
    except OSError as error:
        raise CatalogError(
            f"there is no temporary folder to sort the catalogue in: {error.strerror}; "
            "set TMPDIR to a folder that can be written"
        ) from error
    with folder as name:
        yield Path(name)


def _bytes(text: str) -> bytes:
    """UTF-8 that keeps the odd halves of characters that names of files may hold."""
    return text.encode("utf-8", "surrogatepass")


def _packed(group: Group) -> bytes:
    return _bytes(_encode([_rows(group.own), _rows(group.variants), group.values]))


def _rows(rows: Rows | None) -> list[object] | None:
    if rows is None:
        return None
    values = list(_values(rows.product))
    if values[_PRICE] is not None:
        values[_PRICE] = str(values[_PRICE])
    values[_ATTRIBUTES] = dict(values[_ATTRIBUTES])
    return [values, rows.line, rows.pictures]


def _unpacked(said: bytes) -> Group:
    own, variants, values = json.loads(said.decode("utf-8", "surrogatepass"))
    return Group(_unpacked_rows(own), _unpacked_rows(variants), values)


def _unpacked_rows(packed: Any) -> Rows | None:  # noqa: ANN401 - as JSON gives it
    if packed is None:
        return None
    values, line, pictures = packed
    if values[_PRICE] is not None:
        values[_PRICE] = Decimal(values[_PRICE])
    return Rows(Product(*values), line, pictures)
