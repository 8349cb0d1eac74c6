"""The feed formats, recognised by what lies there: a folder, an archive, a table's columns."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from features.catalog import flipkart, plain
from features.catalog.feed import FeedFile
from features.catalog.folder import read_folder, read_names
from features.catalog.grouping import group_by_product
from features.catalog.options import FeedOptions
from features.catalog.table import Table, TableRow, open_table
from features.catalog.zipped import look_inside
from features.errors import CatalogColumnsError, CatalogError, CatalogNotFoundError, RowError
from features.pictures import PictureFolder, PictureRoot, is_archive, open_archive
from features.types import CatalogEntry

Entries = Iterator[CatalogEntry | RowError]
_NO_OPTIONS = FeedOptions()


@dataclass(frozen=True)
class TableFormat:
    """A feed in a table: known by the columns that it must have."""

    name: str
    required: frozenset[str]
    parse: Callable[[TableRow, FeedOptions], Entries]


@dataclass(frozen=True)
class Catalog:
    """A recognised feed. Each iteration reads it once, from its beginning to its end."""

    format: str
    pictures: PictureRoot
    """Where the picture paths of the feed start."""
    read: Callable[[], Entries]

    def __iter__(self) -> Entries:
        """Products with their pictures, and an error for every row that cannot be used."""
        return self.read()


# The most particular first: the plain table asks least.
TABLE_FORMATS = (
    TableFormat("flipkart", flipkart.REQUIRED, flipkart.parse),
    TableFormat("csv", plain.REQUIRED, plain.parse),
)


def format_names() -> list[str]:
    """All formats that can be read."""
    return ["folder", *(table.name for table in TABLE_FORMATS)]


def read_catalog(path: Path, options: FeedOptions = _NO_OPTIONS) -> Catalog:
    """Recognise a feed; its rows are read when the catalogue is iterated.

    Raises:
        CatalogNotFoundError: there is no such file or folder.
        CatalogColumnsError: the table lacks a column that is needed.
        CatalogError: the file as a whole cannot be read.
    """
    if path.is_dir():
        return Catalog("folder", PictureFolder(path), lambda: group_by_product(read_folder(path)))
    if not path.exists():
        raise CatalogNotFoundError(f"there is no catalogue {path}; give a CSV file or a folder")
    try:
        if is_archive(path):
            return _read_archive(path, options)
        return _read_feed(FeedFile.at(path), PictureFolder(path.parent), options)
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error


def _read_feed(feed: FeedFile, pictures: PictureRoot, options: FeedOptions) -> Catalog:
    table = open_table(feed)
    form = _recognised(table)
    return Catalog(form.name, pictures, lambda: group_by_product(_rows(table, form, options)))


def _read_archive(path: Path, options: FeedOptions) -> Catalog:
    """What the archive holds: a feed with its pictures, or pictures alone."""
    content = look_inside(open_archive(path))
    root = content.root
    inner = (
        Catalog("folder", root, lambda: group_by_product(read_names(root.names)))
        if content.feed is None
        else _read_feed(content.feed, root, options)
    )
    return replace(inner, read=lambda: chain(content.left_out, inner.read()))


def _rows(table: Table, form: TableFormat, options: FeedOptions) -> Entries:
    for row in table.rows():
        if isinstance(row, RowError):
            yield row
            continue
        try:
            yield from form.parse(row, options)
        except RowError as error:
            yield error


def _recognised(table: Table) -> TableFormat:
    columns = set(table.columns)
    for form in TABLE_FORMATS:
        if form.required <= columns:
            return form
    missing = sorted(plain.REQUIRED - columns)
    hints = [
        f"{near[0]!r} may be meant for {name!r}"
        for name in missing
        if (near := difflib.get_close_matches(name, table.columns, n=1, cutoff=0.5))
    ]
    hint = f" ({'; '.join(hints)})" if hints else ""
    raise CatalogColumnsError(
        f"{table.feed.name} lacks the column{'s' if len(missing) > 1 else ''} "
        f"{', '.join(map(repr, missing))}{hint}; it has {', '.join(map(repr, table.columns))}. "
        "A catalogue needs at least id and image, better id,title,description,category,image"
    )
