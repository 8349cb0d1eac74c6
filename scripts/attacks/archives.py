"""Names inside ZIPs, and of collections: none of them becomes a path on the disk."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from features.collections import CollectionShelf
from features.errors import VisualSearchError
from features.pictures import open_archive
from features.store import StoreSet
from scripts.attacks.paths import texts
from scripts.attacks.tally import Tally

_SECRET = b"what no archive holds"
_ID = re.compile(r"[0-9a-f]{16}")


def named(folder: Path, every: int = 1) -> Iterator[Tally]:
    """Try every text as the name of a file in a ZIP, and as that of a collection.

    Args:
        folder: an empty one, for all that this makes.
        every: take one text in so many.
    """
    chosen = list(texts())[::every]
    yield _in_archives(folder / "archives" / "inside", chosen)
    yield _of_collections(folder / "stores", chosen)


def _in_archives(folder: Path, names: list[str]) -> Tally:
    """Each is packed, and asked for; nothing is written, and nothing read that is not inside."""
    folder.mkdir(parents=True)
    outside = folder.parent / "named"
    outside.write_bytes(_SECRET)
    before, through = _files(folder.parent), []
    for name in names:
        path = folder / "a.zip"
        with suppress(ValueError, IndexError):  # names that no ZIP can hold
            with zipfile.ZipFile(path, "w") as packed:
                packed.writestr("picture.png", b"")
                packed.writestr(name, b"inside")
            if any(data not in (b"", b"inside") for data in _read(path, name)):
                through.append(f"{name[:80]!r} is read from outside")
        path.unlink(missing_ok=True)
    through += [f"{path} appeared" for path in _files(folder.parent) - before]
    return Tally("names inside ZIPs", len(names), tuple(through))


def _read(path: Path, name: str) -> Iterator[bytes]:
    with suppress(VisualSearchError):
        archive = open_archive(path)
        for asked in (name, *archive.names):
            with suppress(VisualSearchError):
                yield archive.read(asked)


def _of_collections(stores: Path, names: list[str]) -> Tally:
    stores.mkdir()
    shelf = CollectionShelf(StoreSet(stores))
    for name in names:
        with suppress(VisualSearchError):
            shelf.create(name)
    through = [f"{path} appeared" for path in _files(stores.parent) if not _is_meant(path, stores)]
    return Tally("names of collections", len(names), tuple(through))


def _is_meant(path: Path, stores: Path) -> bool:
    if not path.is_relative_to(stores):
        return path.is_relative_to(stores.parent / "archives")
    _, *place = path.relative_to(stores).parts
    return place == [".lock"] or (len(place) == 2 and _ID.fullmatch(place[0]) is not None)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
