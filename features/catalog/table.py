"""Delimited text as rows with line numbers. Damage stays in its row; the rest is read."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING

from features.catalog.cells import clean, is_utf8
from features.catalog.feed import FeedFile
from features.errors import CatalogError, RowError

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = ",;\t|"
# Excel reads the delimiter from such a first line, and some programs write one for it.
_EXCEL_HINT = re.compile(r"sep=(.)", re.IGNORECASE)
_MOST_COLUMNS = 10_000


@dataclass(frozen=True)
class TableRow:
    """One row: its first line in the file, and its cells by lower-case column name."""

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """The cell's text, empty where the column is absent."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """A delimited file whose header has been read."""

    feed: FeedFile
    columns: tuple[str, ...]
    delimiter: str
    header_line: int = 1
    joined: frozenset[str] = frozenset()
    """Columns that may be there several times: their cells are one, with commas between them."""

    def rows(self) -> Iterator[TableRow | RowError]:
        """Every row after the header; a damaged one as an error that names its line."""
        with _opened(self.feed) as file:
            reader = _rows_from(file, self.delimiter, self.header_line)
            above = self.header_line - 1
            next(reader)
            while True:
                first_line = above + reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield _damaged(error, first_line, above + reader.line_num)
                    continue
                if any(cells):
                    yield self._row(first_line, cells)

    def _row(self, line: int, cells: list[str]) -> TableRow | RowError:
        if any(cells[len(self.columns) :]):
            return RowError(
                f"the row has {len(cells)} cells, the header {len(self.columns)}; "
                "put quotes around cells that hold the delimiter",
                line=line,
                code="too_many_cells",
                unread=True,
            )
        if not all(is_utf8(cell) for cell in cells):
            return RowError(
                "the row is not UTF-8 text; save the feed as UTF-8",
                line=line,
                code="not_utf8",
                unread=True,
            )
        return TableRow(line, self._named([clean(cell) for cell in cells]))

    def _named(self, cells: Sequence[str]) -> dict[str, str]:
        named = dict(zip(self.columns, cells, strict=False))
        for column, places in self._shared.items():
            named[column] = ",".join(filter(None, (cells[at] for at in places if at < len(cells))))
        return named

    @cached_property
    def _shared(self) -> dict[str, list[int]]:
        """Where the columns stand whose cells are one."""
        places: dict[str, list[int]] = {}
        for place, name in enumerate(self.columns):
            if name in self.joined:
                places.setdefault(name, []).append(place)
        return places

    @property
    def repeated(self) -> list[str]:
        """Names that several columns have."""
        return [name for name, times in Counter(self.columns).items() if name and times > 1]


def open_table(feed: FeedFile) -> Table:
    """Read the header of a delimited file: comma, semicolon, tab or |.

    Raises:
        CatalogError: the file is empty, not text, not UTF-8 from the first line on, or has
            columns without end.
    """
    _refuse_other_kinds(feed)
    line, delimiter = _header_place(feed)
    with _opened(feed) as file:
        try:
            header = next(_rows_from(file, delimiter, line))
        except csv.Error as error:
            raise CatalogError(
                f"the header of {feed.name} cannot be read: {error}; its first line has to name "
                "the columns"
            ) from error
    if len(header) > _MOST_COLUMNS:
        raise CatalogError(
            f"the first line of {feed.name} has {len(header):,} cells, and at most "
            f"{_MOST_COLUMNS:,} columns can be read; it has to name the columns"
        )
    if not all(is_utf8(name) for name in header):
        raise CatalogError(f"the header of {feed.name} is not UTF-8 text; save the feed as UTF-8")
    return Table(
        feed, tuple(clean(name).lstrip("\ufeff").lower() for name in header), delimiter, line
    )


def _header_place(feed: FeedFile) -> tuple[int, str]:
    """The line of the header, and the delimiter; above it nothing is said."""
    told = ""
    with _opened(feed) as file:
        for number, line in enumerate(file, start=1):
            if hint := _EXCEL_HINT.fullmatch(line.strip("\r\n")):
                told = hint[1]
            elif line.strip(_DELIMITERS + " \r\n"):
                return number, told or max(_DELIMITERS, key=line.count)
    raise CatalogError(f"{feed.name} is empty; it needs a header line and a row a picture")


def _rows_from(file: TextIOWrapper, delimiter: str, header_line: int) -> "Reader":
    """Its first row is the header."""
    for _ in range(header_line - 1):
        file.readline()
    return csv.reader(file, delimiter=delimiter, strict=True)


def _opened(feed: FeedFile) -> TextIOWrapper:
    return TextIOWrapper(feed.open(), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _refuse_other_kinds(feed: FeedFile) -> None:
    with feed.open() as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CatalogError(f"{feed.name} is UTF-16 text; save the feed as UTF-8")
    if head.startswith(b"PK\x03\x04"):
        raise CatalogError(f"{feed.name} is a ZIP or Excel file; export the feed as CSV")
    if head.startswith(b"\x1f\x8b"):
        raise CatalogError(f"{feed.name} is packed with gzip; unpack it first: gunzip FILE.gz")
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise CatalogError(
            f"{feed.name} is a web page, not a feed; it may be the page that asks for a password. "
            "Export or download the feed again"
        )
    if head.lstrip().startswith((b"[{", b'{"')):
        raise CatalogError(f"{feed.name} is JSON; export the feed as CSV, TSV or XML")
    if b"\x00" in head:
        raise CatalogError(f"{feed.name} is not a text file; export the feed as CSV in UTF-8")


def _damaged(error: csv.Error, first: int, last: int) -> RowError:
    lines = f" (up to line {last})" if last > first else ""
    return RowError(
        f"the row cannot be read{lines}: {error}; check its quotes",
        line=first,
        code="damaged_row",
        unread=True,
    )
