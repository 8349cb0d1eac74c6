"""The words of products in one SQLite database, with FTS5.

    segments    the store's segments that are in it: the row of its first product, how many rows are
                its, and how many of them are filled
    vocabulary  every word, and how many products have it; of those named by it tenfold
    words       what FTS5 knows: which row has which word, in which field

Rows are only ever added: a row stands for the same description for ever, and whoever asks drops
those that have been replaced since.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.closing import Closing
from features.errors import TextSearchError
from features.text.document import NAMES, WEIGHTS, Document, document
from features.text.vocabulary import Vocabulary
from features.types import Product, RowMask

FORMAT = 1
"""Raise it with every change of what is written: databases of others are built anew."""
IN_MEMORY = ":memory:"
_NAMED = 10
_WAIT_S = 5.0
_SCHEMA = f"""
CREATE TABLE segments (key TEXT PRIMARY KEY, first INTEGER, count INTEGER, filled INTEGER);
CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, word TEXT UNIQUE NOT NULL, products INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5({", ".join(WEIGHTS)}, content='', tokenize='ascii', prefix='1 2 3');
INSERT INTO words(words, rank) VALUES ('rank', 'bm25({", ".join(map(str, WEIGHTS.values()))})');
PRAGMA user_version = {FORMAT};
"""  # noqa: E501, S608 - of this package's own constants

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SegmentProducts:
    """The descriptions of a segment, and whether each is worth a row."""

    descriptions: Sequence[Product]
    kept: RowMask

    @property
    def filled(self) -> int:
        """How many are worth it."""
        return int(np.count_nonzero(self.kept))

    def __iter__(self) -> Iterator[tuple[int, Product]]:
        """These with their places."""
        return (
            (place, product)
            for place, (product, keep) in enumerate(
                zip(self.descriptions, self.kept.tolist(), strict=True)
            )
            if keep
        )


class WordsDatabase(Closing):
    """One database. Safe to use from several threads, one at a time."""

    def __init__(self, path: Path | None, *, new: bool = False, writable: bool = False) -> None:
        """Open a database; without a path, one in memory.

        Raises:
            sqlite3.Error: there is none, or none of this format.
            TextSearchError: this SQLite has no full-text index.
        """
        self._lock = threading.RLock()
        self._vocabulary = Vocabulary.of(())
        self._connection = _connected(path, "rwc" if new else "rw" if writable else "ro")
        try:
            if new:
                self._create(unsafe=path is not None)
            (found,) = self._connection.execute("PRAGMA user_version").fetchone()
            if found != FORMAT:
                raise sqlite3.DatabaseError(f"the database has the format {found}, not {FORMAT}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._connection.close()

    def segments(self) -> Mapping[str, tuple[int, int]]:
        """The first row of each segment, and how many follow, by the segment's key."""
        rows = self._asked("SELECT key, first, count FROM segments")
        return {key: (first, count) for key, first, count in rows}

    @property
    def filled(self) -> int:
        """How many rows are filled, those of replaced products included."""
        ((filled,),) = self._asked("SELECT coalesce(sum(filled), 0) FROM segments")
        return int(filled)

    def add(self, segments: Mapping[str, SegmentProducts]) -> None:
        """Add segments by their keys. All of them are there afterwards, or none."""
        counts: Counter[str] = Counter()
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for key, products in segments.items():
                ((first,),) = self._asked("SELECT coalesce(max(first + count), 0) FROM segments")
                self._connection.execute(
                    "INSERT INTO segments VALUES (?, ?, ?, ?)",
                    (key, first, len(products.kept), products.filled),
                )
                self._connection.executemany(
                    f"INSERT INTO words(rowid, {', '.join(WEIGHTS)}) "  # noqa: S608 - constants
                    f"VALUES (?{', ?' * len(WEIGHTS)})",
                    _rows(first, products, counts),
                )
            self._connection.executemany(
                "INSERT INTO vocabulary(word, products) VALUES (?, ?) "
                "ON CONFLICT(word) DO UPDATE SET products = products + excluded.products",
                counts.items(),
            )

    def match(self, expression: str, most: int = -1) -> tuple[Rows, Scores]:
        """The rows that match, and how well: more is better; shapes (n,).

        Args:
            most: of how many of them, the first ones added; -1 is all.
        """
        found = self._asked(
            "SELECT rowid, rank FROM words WHERE words MATCH ? LIMIT ?", expression, most
        )
        table = np.array(found, dtype=np.float64).reshape(-1, 2)
        return table[:, 0].astype(np.int64), -table[:, 1]

    def counts(self, words: Sequence[str]) -> Mapping[str, int]:
        """How often products have each of some words; those that none has are left out."""
        marks = ", ".join("?" * len(words))
        asked = f"SELECT word, products FROM vocabulary WHERE word IN ({marks})"  # noqa: S608 - ?s
        return dict(self._asked(asked, *words))

    def has_beginning(self, letters: str) -> bool:
        """Whether any word begins so."""
        ((found,),) = self._asked("SELECT min(word) FROM vocabulary WHERE word >= ?", letters)
        return found is not None and found.startswith(letters)

    def vocabulary(self) -> Vocabulary:
        """All words."""
        with self._lock:
            # The number of the last word is that of all: words are never taken out.
            after = len(self._vocabulary.words)
            self._vocabulary = self._vocabulary.with_more(
                self._asked("SELECT word, products FROM vocabulary WHERE id > ? ORDER BY id", after)
            )
            return self._vocabulary

    def finish(self) -> None:
        """Put what was added in many steps together."""
        with self._lock, self._connection:
            self._connection.execute("INSERT INTO words(words) VALUES ('optimize')")

    def _create(self, *, unsafe: bool) -> None:
        """Make the tables; what is `unsafe` is no database before it is renamed."""
        if unsafe:
            self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        try:
            self._connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            if "fts5" not in str(error):
                raise
            raise TextSearchError(
                f"the SQLite {sqlite3.sqlite_version} of this Python has no full-text index; "
                "searching by words needs one that was built with FTS5"
            ) from error

    def _asked(self, question: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(question, values).fetchall()


def _connected(path: Path | None, mode: str) -> sqlite3.Connection:
    where = IN_MEMORY if path is None else f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(
        where,
        uri=path is not None,
        timeout=_WAIT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _rows(
    first: int, products: Iterable[tuple[int, Product]], counts: Counter[str]
) -> Iterator[tuple[int | str, ...]]:
    """What the table `words` gets; the words are counted on the way."""
    for place, product in products:
        fields = document(product)
        counts.update(_counted(fields))
        yield first + place, *(" ".join(words) for words in fields.values())


def _counted(fields: Document) -> Mapping[str, int]:
    """Each word once, and more often if it names the product."""
    every = {word for name in WEIGHTS if name != "whole" for word in fields[name]}
    named = {word for name in NAMES for word in fields[name]}
    return {word: _NAMED if word in named else 1 for word in every}
