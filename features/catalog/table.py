"""Delimited text as rows with line numbers. Damage stays in its row; the rest is read."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING

from features.catalog.cells import clean, is_decoded
from features.catalog.encoding import encoding_of
from features.catalog.feed import FeedFile
from features.errors import CatalogError, RowError

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = ",;\t|"
# Excel reads the delimiter from such a first line, and some programs write one for it.
_EXCEL_HINT = re.compile(r"sep=(.)", re.IGNORECASE)
_MOST_COLUMNS = 10_000
_ENCODING_ADVICE = (
    "save it as UTF-8; of a catalogue you may name the encoding instead: --encoding windows-1252, "
    "the field encoding of a request"
)


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
    encoding: str = "utf-8-sig"

    def rows(self) -> Iterator[TableRow | RowError]:
        """Every row after the header; a damaged one as an error that names its line."""
        with _opened(self.feed, self.encoding) as file:
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
        if not all(is_decoded(cell) for cell in cells):
            return RowError(
                f"the row is not {_as_written(self.encoding)} text; {_ENCODING_ADVICE}",
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


def open_table(feed: FeedFile, encoding: str = "") -> Table:
    """Read the header of a delimited file: comma, semicolon, tab or |.

    `encoding` is what the shop says of the letters; a mark at the file's beginning counts more.

    Raises:
        CatalogError: the file is empty, not text, not in its encoding from the first line on, or
            has columns without end.
    """
    encoding = _encoding(feed, encoding)
    line, delimiter = _header_place(feed, encoding)
    with _opened(feed, encoding) as file:
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
    if not all(is_decoded(name) for name in header):
        raise CatalogError(
            f"the header of {feed.name} is not {_as_written(encoding)} text; {_ENCODING_ADVICE}"
        )
    columns = tuple(clean(name).lstrip("\ufeff").lower() for name in header)
    return Table(feed, columns, delimiter, line, encoding=encoding)


def _header_place(feed: FeedFile, encoding: str) -> tuple[int, str]:
    """The line of the header, and the delimiter; above it nothing is said."""
    told = ""
    with _opened(feed, encoding) as file:
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


def _opened(feed: FeedFile, encoding: str) -> TextIOWrapper:
    # What cannot be decoded stays to be found in its row; of UTF-16 Python can keep no such bytes.
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return TextIOWrapper(feed.open(), encoding=encoding, errors=errors, newline="")


def _as_written(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8-sig" else encoding


def _encoding(feed: FeedFile, told: str) -> str:
    """The codec of the file's text, once it is known to be a text that may be a table."""
    with feed.open() as file:
        head = file.read(4096)
    encoding = encoding_of(head, told)
    _refuse_other_kinds(feed.name, head, head.decode(encoding, errors="replace"))
    return encoding


def _refuse_other_kinds(name: str, head: bytes, text: str) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise CatalogError(f"{name} is a ZIP or Excel file; export the feed as CSV")
    if text.lstrip().lower().startswith(("<!doctype html", "<html")):
        raise CatalogError(
            f"{name} is a web page, not a feed; it may be the page that asks for a password. "
            "Export or download the feed again"
        )
    if text.lstrip().startswith(("[{", '{"')):
        raise CatalogError(f"{name} is JSON; export the feed as CSV, TSV or XML")
    if "\x00" in text:
        raise CatalogError(f"{name} is not a text file; export the feed as CSV in UTF-8")


def _damaged(error: csv.Error, first: int, last: int) -> RowError:
    lines = f" (up to line {last})" if last > first else ""
    return RowError(
        f"the row cannot be read{lines}: {error}; check its quotes",
        line=first,
        code="damaged_row",
        unread=True,
    )
