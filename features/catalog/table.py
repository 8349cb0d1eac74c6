"""Delimited text as rows with line numbers. Damage stays in its row; the rest is read."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper

from features.catalog.cells import clean, is_utf8
from features.catalog.feed import FeedFile
from features.errors import CatalogError, RowError

_DELIMITERS = ",;\t"


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

    def rows(self) -> Iterator[TableRow | RowError]:
        """Every row after the header; a damaged one as an error that names its line."""
        with _opened(self.feed) as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            next(reader)
            while True:
                first_line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield _damaged(error, first_line, reader.line_num)
                    continue
                if any(cells):
                    yield self._row(first_line, cells)

    def _row(self, line: int, cells: list[str]) -> TableRow | RowError:
        if len(cells) > len(self.columns):
            return RowError(
                f"the row has {len(cells)} cells, the header {len(self.columns)}; "
                "put quotes around cells that hold the delimiter",
                line=line,
                code="too_many_cells",
            )
        if not all(is_utf8(cell) for cell in cells):
            return RowError(
                "the row is not UTF-8 text; save the feed as UTF-8", line=line, code="not_utf8"
            )
        named = zip(self.columns, cells, strict=False)
        return TableRow(line, {column: clean(cell) for column, cell in named})


def open_table(feed: FeedFile) -> Table:
    """Read the header of a delimited file: comma, semicolon or tab.

    Raises:
        CatalogError: the file is empty, not text, or not UTF-8 from the first line on.
    """
    _refuse_other_kinds(feed)
    with _opened(feed) as file:
        first = file.readline()
    if not first.strip():
        raise CatalogError(f"{feed.name} is empty; it needs a header line and a row a picture")
    delimiter = max(_DELIMITERS, key=first.count)
    with _opened(feed) as file:
        try:
            header = next(csv.reader(file, delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise CatalogError(f"the header of {feed.name} cannot be read: {error}") from error
    if not all(is_utf8(name) for name in header):
        raise CatalogError(f"the header of {feed.name} is not UTF-8 text; save the feed as UTF-8")
    columns = tuple(clean(name).lower() for name in header)
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    if repeated:
        raise CatalogError(
            f"{feed.name} has the column {repeated[0]!r} twice; rename or delete one of them"
        )
    return Table(feed, columns, delimiter)


def _opened(feed: FeedFile) -> TextIOWrapper:
    return TextIOWrapper(feed.open(), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _refuse_other_kinds(feed: FeedFile) -> None:
    with feed.open() as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CatalogError(f"{feed.name} is UTF-16 text; save the feed as UTF-8")
    if head.startswith(b"PK\x03\x04"):
        raise CatalogError(f"{feed.name} is a ZIP or Excel file; export the feed as CSV")
    if b"\x00" in head:
        raise CatalogError(f"{feed.name} is not a text file; export the feed as CSV in UTF-8")


def _damaged(error: csv.Error, first: int, last: int) -> RowError:
    lines = f" (up to line {last})" if last > first else ""
    return RowError(
        f"the row cannot be read{lines}: {error}; check its quotes", line=first, code="damaged_row"
    )
