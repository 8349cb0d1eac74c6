"""Reads a feed written into a test, as its rows stand there: not yet grouped into products."""

from pathlib import Path

from features.catalog import FeedOptions
from features.catalog.feed import FeedFile
from features.catalog.formats import open_feed
from features.types import CatalogEntry

Reasons = list[tuple[int | None, str]]


def read_feed(
    folder: Path, content: str | bytes, options: FeedOptions | None = None
) -> tuple[list[CatalogEntry], Reasons]:
    path = folder / "feed"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_at(path, options)


def read_at(path: Path, options: FeedOptions | None = None) -> tuple[list[CatalogEntry], Reasons]:
    entries: list[CatalogEntry] = []
    reasons: Reasons = []
    for row in open_feed(FeedFile.at(path), options or FeedOptions()).read():
        if isinstance(row, CatalogEntry):
            entries.append(row)
        else:
            reasons.append((row.line, row.row_code))
    return entries, reasons


def locations(entry: CatalogEntry) -> list[str]:
    return [picture.location for picture in entry.pictures]
