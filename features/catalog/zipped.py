"""What a ZIP archive holds: one feed with its pictures, or a folder of pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from features.catalog.feed import FeedFile
from features.catalog.folder import TABLES, is_shown
from features.errors import ArchiveError, CatalogError, RowError
from features.pictures import Archive

_FEEDS = frozenset({".csv", ".tsv", ".txt", ".xml"})
_OFFICE = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class ZippedCatalog:
    """The feed of an archive, if it has one, and the folder where its picture paths start."""

    root: Archive
    feed: FeedFile | None
    left_out: tuple[RowError, ...]
    """The files that cannot be used, each with its reason."""


def look_inside(archive: Archive) -> ZippedCatalog:
    """Find the feed at the top; a single folder around everything else is no level of its own.

    Raises:
        CatalogError: there are several feeds, the feed cannot be read, or this is a spreadsheet.
    """
    names = archive.names
    if not _OFFICE.isdisjoint(names):
        raise CatalogError(
            f"{archive.path} is an Excel file or another office document, not a catalogue; "
            "export the sheet as CSV in UTF-8"
        )
    root = _unwrapped(archive, (*names, *archive.skipped))
    feed = _feed(root)
    left_out = [_left_out(name, reason) for name, reason in archive.skipped.items()]
    if feed is None:
        left_out += [
            _left_out(name, "a feed is read only where it lies at the top of the archive")
            for name in root.names
            if _suffix(name) in TABLES
        ]
    return ZippedCatalog(root, feed, tuple(left_out))


def look_for_pictures(archive: Archive) -> ZippedCatalog:
    """The pictures and videos alone: every other file is left out, feeds too.

    Raises:
        CatalogError: there is none.
    """
    root = _unwrapped(archive, (*archive.names, *archive.skipped))
    others = {name for name in root.names if not is_shown(PurePosixPath(name))}
    if len(others) == len(root.names):
        raise CatalogError(f"{archive.path} holds no pictures; pack JPEG, PNG or WebP files")
    reasons = {**root.skipped, **dict.fromkeys(others, "it is no picture, by its name")}
    left_out = tuple(_left_out(name, reasons[name]) for name in sorted(reasons))
    return ZippedCatalog(root, None, left_out)


def _unwrapped(archive: Archive, names: Iterable[str]) -> Archive:
    tops = {PurePosixPath(name).parts[0] if "/" in name else "" for name in names}
    top = tops.pop() if len(tops) == 1 else ""
    return archive.at(top) if top else archive


def _feed(root: Archive) -> FeedFile | None:
    skipped = root.skipped
    found = [name for name in (*root.names, *skipped) if "/" not in name]
    found = sorted(name for name in found if _suffix(name) in _FEEDS)
    if not found:
        return None
    if len(found) > 1:
        more = "" if len(found) <= _NAMES_SHOWN else f" and {len(found) - _NAMES_SHOWN} more"
        raise CatalogError(
            f"{root.path} holds several feeds: {', '.join(found[:_NAMES_SHOWN])}{more}; pack one "
            "of them, with its pictures"
        )
    (name,) = found
    if name in skipped:
        raise ArchiveError(f"the feed {name!r} in {root.path} cannot be read: {skipped[name]}")
    return FeedFile(f"{root.path}/{root.folder}{name}", lambda: root.open(name))


def _left_out(name: str, reason: str) -> RowError:
    return RowError(f"the file {name!r} is left out: {reason}", line=None, code="left_out")


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
