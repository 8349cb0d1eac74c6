"""From a path to products: a feed file, a folder of pictures, or an archive of either."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from features.catalog.currencies import currency_code
from features.catalog.encoding import known_encoding
from features.catalog.feed import FeedFile
from features.catalog.folder import read_folder, read_names
from features.catalog.formats import format_names, open_feed
from features.catalog.grouping import GroupedProducts
from features.catalog.options import FeedOptions
from features.catalog.zipped import ZippedCatalog, look_for_pictures, look_inside
from features.errors import CatalogError, CatalogNotFoundError, RowError
from features.pictures import PictureFolder, PictureRoot, is_archive, open_archive
from features.types import CatalogEntry

_NO_OPTIONS = FeedOptions()
_FOLDER = "folder"


@dataclass(frozen=True)
class Catalog:
    """A recognised feed. Each iteration reads it once, from its beginning to its end.

    `read` gives its rows as they stand.
    """

    format: str
    pictures: PictureRoot | None
    """Where the picture paths of the feed start; None for one that came without its pictures."""
    read: Callable[[], Iterator[CatalogEntry | RowError]]

    def __iter__(self) -> GroupedProducts:
        """Products with their pictures, and an error for every row that cannot be used."""
        return GroupedProducts(self.read())


def read_catalog(path: Path, options: FeedOptions = _NO_OPTIONS) -> Catalog:
    """Recognise a feed; its rows are read when the catalogue is iterated.

    Raises:
        CatalogNotFoundError: there is no such file or folder.
        CatalogColumnsError: the table lacks a column that is needed.
        CatalogError: the file as a whole cannot be read, or an option says what cannot be.
    """
    _check(options)
    if path.is_dir():
        if options.format not in {None, _FOLDER}:
            raise CatalogError(f"{path} is a folder; the format {options.format!r} reads a file")
        return Catalog(_FOLDER, PictureFolder(path), lambda: read_folder(path))
    if path.parts[:1] in {("https:",), ("http:",)}:
        raise CatalogNotFoundError(f"{path} is an address; download the feed, and name the file")
    if not path.exists():
        raise CatalogNotFoundError(f"there is no catalogue {path}; give a feed, a folder or a ZIP")
    try:
        if is_archive(path):
            return _read_archive(path, options)
        return _read_feed(FeedFile.at(path), PictureFolder(path.parent), options)
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error


def read_pictures(path: Path) -> Catalog:
    """The pictures and videos of a ZIP archive; each other file in it is a `RowError`.

    Raises:
        ArchiveError: it is no archive that can be read.
        CatalogError: there are no pictures in it.
    """
    return _read_shown(look_for_pictures(open_archive(path)))


def _read_feed(feed: FeedFile, pictures: PictureRoot, options: FeedOptions) -> Catalog:
    reader = open_feed(feed, options)
    return Catalog(reader.format, pictures, reader.read)


def _read_archive(path: Path, options: FeedOptions) -> Catalog:
    """What the archive holds: a feed with its pictures, or pictures alone."""
    content = look_inside(open_archive(path))
    if content.feed is None:
        return _read_shown(content)
    inner = _read_feed(content.feed, content.root, options)
    return replace(inner, read=lambda: chain(content.left_out, inner.read()))


def _read_shown(content: ZippedCatalog) -> Catalog:
    """The pictures and videos of an archive, after what is left out of it."""
    root = content.root
    return Catalog(_FOLDER, root, lambda: chain(content.left_out, read_names(root.names)))


def _check(options: FeedOptions) -> None:
    if options.format is not None and options.format not in format_names():
        raise CatalogError(
            f"there is no feed format {options.format!r}; known: {', '.join(format_names())}"
        )
    if "@" in options.store_url.rpartition("://")[2].partition("/")[0]:
        raise CatalogError(
            "the shop's address holds a user name or password, which all links would show; "
            "remove it"
        )
    if options.store_url and not options.store_url.lower().startswith(("https://", "http://")):
        raise CatalogError(
            f"the shop's address {options.store_url!r} has to start with https:// or http://"
        )
    known_encoding(options.encoding)
    try:
        currency_code(options.currency)
    except ValueError as error:
        raise CatalogError(f"{error}; give a code such as EUR or USD") from error
