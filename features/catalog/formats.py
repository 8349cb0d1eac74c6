"""The feed formats, recognised by a file's beginning: XML, or the columns of a table."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from features.catalog import (
    flipkart,
    google,
    google_xml,
    plain,
    shopify,
    woocommerce,
    woocommerce_headers,
)
from features.catalog.columns import (
    Canonical,
    canonical_names,
    first_of_each,
    lacking,
    refuse_repeated,
    renamed,
    renaming,
)
from features.catalog.feed import FeedFile
from features.catalog.gzipped import unpacked
from features.catalog.options import FeedOptions
from features.catalog.table import Table, TableRow, open_table
from features.errors import CatalogError, RowError
from features.types import CatalogEntry

Entries = Iterator[CatalogEntry | RowError]
Rows = Iterator[TableRow | RowError]
_NO_OPTIONS = FeedOptions()
_ADVICE = (
    "A catalogue needs at least id and image, better id,title,description,category,image; "
    "where the feed calls them otherwise, name them: --map id=SKU --map image=Photo, or as often "
    "the field map of a request. The first line has to be the one with the names"
)


def _unchanged(column: str) -> str:
    return column


def _one_by_one(rows: Iterable[TableRow | RowError]) -> Rows:
    return iter(rows)


@dataclass(frozen=True)
class TableFormat:
    """A feed in a table: known by the columns that it must have, in the words of its shops."""

    name: str
    required: tuple[str, ...]
    known: frozenset[str]
    parse: Callable[[TableRow, FeedOptions], Entries]
    canonical: Canonical = _unchanged
    """What `parse` calls a column."""
    prepare: Callable[[Rows], Rows] = _one_by_one
    """Looks at neighbouring rows before they are parsed one by one."""
    repeatable: frozenset[str] = frozenset()
    """Columns that a feed may have several times."""

    def fits(self, columns: Iterable[str]) -> bool:
        """Whether all that is needed is among the columns."""
        return {self.canonical(name) for name in self.required} <= set(map(self.canonical, columns))


@dataclass(frozen=True)
class FeedReader:
    """A recognised feed file; its entries as they stand in the file, not yet grouped."""

    format: str
    read: Callable[[], Entries]


# The most particular first: the plain table asks least.
TABLE_FORMATS = (
    TableFormat("flipkart", flipkart.REQUIRED, flipkart.KNOWN, flipkart.parse),
    TableFormat(
        "google",
        google.REQUIRED,
        google.KNOWN,
        google.parse,
        google.canonical,
        repeatable=google.REPEATABLE,
    ),
    TableFormat("shopify", shopify.REQUIRED, shopify.KNOWN, shopify.parse, prepare=shopify.prepare),
    TableFormat(
        "shopify-new",
        shopify.NEW_REQUIRED,
        shopify.KNOWN,
        shopify.parse,
        shopify.canonical,
        shopify.prepare,
    ),
    TableFormat(
        "woocommerce",
        woocommerce.REQUIRED,
        woocommerce.KNOWN,
        woocommerce.parse,
        woocommerce_headers.canonical,
        woocommerce.prepare,
    ),
    TableFormat("csv", plain.REQUIRED, plain.KNOWN, plain.parse),
)
_PLAIN = TABLE_FORMATS[-1]


def format_names() -> list[str]:
    """All formats that can be read."""
    return ["folder", *sorted([google_xml.NAME, *(table.name for table in TABLE_FORMATS)])]


def open_feed(feed: FeedFile, options: FeedOptions = _NO_OPTIONS) -> FeedReader:
    """Recognise a feed file by its beginning.

    Raises:
        CatalogColumnsError: the table lacks a column that is needed or that the map names.
        CatalogError: the file as a whole cannot be read, or not in the format that is asked for.
    """
    if options.format == "folder":
        raise CatalogError(f"{feed.name} is a file; the format 'folder' reads a folder of pictures")
    feed = unpacked(feed)
    with feed.open() as file:
        xml = google_xml.is_xml(file.read(4096))
    if options.format == google_xml.NAME or (xml and options.format is None):
        return _open_xml(feed, options)
    if xml:
        raise CatalogError(
            f"{feed.name} is XML; the format {options.format!r} reads a table: leave the format "
            f"out, or give {google_xml.NAME}"
        )
    return _open_table(open_table(feed, options.encoding), options)


def _open_xml(feed: FeedFile, options: FeedOptions) -> FeedReader:
    google_xml.check(feed)
    names = renaming(options.columns, google.KNOWN, google.canonical, google_xml.NAME)
    return FeedReader(google_xml.NAME, lambda: google_xml.read(feed, names, options))


def _open_table(table: Table, options: FeedOptions) -> FeedReader:
    form = _asked_for(options) or _recognised(table)
    names = renaming(options.columns, form.known, form.canonical, form.name)
    table = replace(table, columns=renamed(table, names))
    if not form.fits(table.columns):
        raise lacking(table, form.required, f"The format {form.name!r} needs them")
    table = replace(table, columns=canonical_names(table.columns, form.canonical))
    refuse_repeated(table, form.known - form.repeatable)
    columns = first_of_each(table.columns, form.repeatable)
    table = replace(table, columns=columns, joined=form.repeatable)
    return FeedReader(form.name, lambda: _entries(table, form, options))


def _asked_for(options: FeedOptions) -> TableFormat | None:
    """The format that is forced; a column map without one speaks of the plain table."""
    named = {form.name: form for form in TABLE_FORMATS}
    return named.get(options.format or ("csv" if options.columns else ""))


def _recognised(table: Table) -> TableFormat:
    for form in TABLE_FORMATS:
        if form.fits(table.columns):
            return form
    raise lacking(table, _PLAIN.required, _ADVICE)


def _entries(table: Table, form: TableFormat, options: FeedOptions) -> Entries:
    for row in form.prepare(table.rows()):
        if isinstance(row, RowError):
            yield row
            continue
        try:
            yield from form.parse(row, options)
        except RowError as error:
            yield error
