"""Google Merchant Center in XML: items of RSS 2.0 or entries of Atom, one at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

from lxml import etree

from features.catalog import google
from features.catalog.cells import clean
from features.catalog.feed import FeedFile
from features.catalog.options import FeedOptions
from features.catalog.table import TableRow
from features.errors import CatalogError, RowError
from features.types import CatalogEntry

NAME = "google-xml"
_GOOGLE = "{http://base.google.com/ns/1.0}"
_STARTS = (b"<?xml", b"<rss", b"<feed", b"<!--", b"<!DOCTYPE rss", b"<!DOCTYPE feed")
_PARENTS = {"channel", "rss", "feed"}
_MOST_EXACT = 65_535
_WORDS = {"title", "description"}
_ATOM = {"summary": "description", "content": "description"}


def is_xml(head: bytes) -> bool:
    """Whether a file that starts so is XML."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) & ~1].decode("utf-16", errors="replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_STARTS)


def check(feed: FeedFile) -> None:
    """Look at the beginning.

    Raises:
        CatalogError: it is no feed, or it defines entities, which could make it endless.
    """
    with feed.open() as file:
        try:
            _, root = next(_events(file, "start", None))
        except (etree.XMLSyntaxError, StopIteration) as error:
            raise CatalogError(f"{feed.name} cannot be read as XML: {error}") from error
    if _defines_entities(root):
        raise CatalogError(
            f"{feed.name} defines entities in its DOCTYPE, which a feed does not need and which "
            "can be made to fill the memory; export it without a DOCTYPE"
        )
    if _local(root) not in _PARENTS:
        raise CatalogError(
            f"{feed.name} is XML, but no product feed: it begins with <{_local(root)}> where RSS "
            "begins with <rss> and Atom with <feed>"
        )


def read(
    feed: FeedFile, columns: Mapping[str, str], options: FeedOptions
) -> Iterator[CatalogEntry | RowError]:
    """Every item up to the end, or up to where the XML breaks; `columns` renames elements."""
    with feed.open() as file:
        events = _events(file, "end", ("{*}item", "{*}entry"))
        try:
            for _, item in events:
                parent = item.getparent()
                if parent is not None and _local(parent) in _PARENTS:
                    yield from _entries(TableRow(_line(item), _cells(item, columns)), options)
                    _forget(item, parent)
        except etree.XMLSyntaxError as error:
            yield from _breaks(error, events)


def _events(file: BinaryIO, event: str, tags: tuple[str, ...] | None) -> etree.iterparse:
    return etree.iterparse(
        file,
        events=(event,),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _breaks(error: etree.XMLSyntaxError, events: etree.iterparse) -> Iterator[RowError]:
    """Where the XML broke; an undeclared `g:` is reported at the end, but nothing is lost by it."""
    causes = [entry for entry in events.error_log if entry.domain_name != "NAMESPACE"]
    if causes or not events.error_log:
        line, message = (causes[0].line, causes[0].message) if causes else (error.lineno, error.msg)
        yield RowError(
            f"the XML breaks here and nothing after it can be read: {message}; "
            "export the feed again",
            line=line or None,
            code="broken_xml",
            unread=True,
        )


def _entries(row: TableRow, options: FeedOptions) -> Iterator[CatalogEntry | RowError]:
    try:
        yield from google.parse(row, options)
    except RowError as error:
        yield error


def _cells(item: etree._Element, columns: Mapping[str, str]) -> dict[str, str]:
    """The item's elements by Google's names; where both are given, `g:title` before `title`."""
    plain: dict[str, str] = {}
    googles: dict[str, str] = {}
    more_pictures = []
    for element in item.iterchildren("*"):
        name = google.canonical(_local(element).lower())
        name = columns.get(name, _ATOM.get(name, name))
        text = _text(element, name)
        if name == "additional_image_link":
            more_pictures.append(text)
        elif text:
            (googles if str(element.tag).startswith((_GOOGLE, "g:")) else plain).setdefault(
                name, text
            )
    return {**plain, **googles, "additional_image_link": ",".join(more_pictures)}


def _text(element: etree._Element, name: str) -> str:
    """The element's text; of elements within it only where they are markup of words."""
    if len(element) == 0:
        return clean(element.text or element.get("href"))
    return clean("".join(map(str, element.itertext()))) if name in _WORDS else ""


def _defines_entities(root: etree._Element) -> bool:
    document_type = cast(Any, root.getroottree().docinfo.internalDTD)
    return document_type is not None and bool(document_type.entities())


def _line(element: etree._Element) -> int:
    """Beyond what fits in two bytes, the parser gives the line where the first text ends."""
    line = cast(int, element.sourceline)
    if line < _MOST_EXACT:
        return line
    while element.text is None and len(element):
        element = element[0]
    return line - (element.text or "").count("\n")


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _forget(item: etree._Element, parent: etree._Element) -> None:
    """Only the item being read is held in memory."""
    item.clear()
    while item.getprevious() is not None:
        del parent[0]
