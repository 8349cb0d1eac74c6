"""A folder of pictures and videos: the sub-folder is the category, the file's name id and title."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from features.errors import CatalogError, RowError
from features.images import SUFFIXES
from features.types import CatalogEntry, PictureRef, Product
from features.videos import SUFFIXES as VIDEO_SUFFIXES

TABLES = frozenset({".csv", ".tsv"})
_SHOWN = SUFFIXES | VIDEO_SUFFIXES


def read_folder(root: Path) -> Iterator[CatalogEntry | RowError]:
    """Every picture and video below the folder, in the order of their paths, but hidden ones.

    Raises:
        CatalogError: a folder cannot be read; its products are not known to be gone.
    """
    yield from _feeds_beside(root)
    for folder, subfolders, names in os.walk(root, onerror=_refuse):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from _links_among(Path(folder, name) for name in subfolders)
        for name in sorted(names):
            path = Path(folder, name)
            if is_shown(path) and not name.startswith("."):
                yield _entry(path.relative_to(root))


def read_names(names: Iterable[str]) -> Iterator[CatalogEntry | RowError]:
    """The same of a folder that is known by the paths of its files, as in an archive."""
    paths = (PurePosixPath(name) for name in names)
    for path in sorted(filter(is_shown, paths), key=_place):
        yield _entry(path)


def is_shown(path: PurePath) -> bool:
    """Whether a file is a picture or a video, by its name."""
    return path.suffix.lower() in _SHOWN


def _feeds_beside(root: Path) -> Iterator[RowError]:
    """In an archive they would be read; here it is the caller who chose the pictures."""
    for path in sorted(root.glob("*")):
        if path.suffix.lower() in TABLES and path.is_file():
            yield _left_out(path, f"of a folder, the pictures are read; to read it, name {path}")


def _links_among(folders: Iterable[Path]) -> Iterator[RowError]:
    for folder in folders:
        if folder.is_symlink():
            yield _left_out(folder, "links to folders are not followed; put the folder itself here")


def _left_out(path: Path, reason: str) -> RowError:
    shown = str(path.name).encode(errors="replace").decode()
    return RowError(f"{shown!r} is left out: {reason}", line=None, code="left_out")


def _refuse(error: OSError) -> None:
    raise CatalogError(f"the folder {error.filename} cannot be read: {error.strerror}") from error


def _place(path: PurePath) -> list[tuple[bool, str]]:
    """A folder's own files come before its sub-folders."""
    return [*((True, step) for step in path.parts[:-1]), (False, path.name)]


def _entry(path: PurePath) -> CatalogEntry | RowError:
    location = path.as_posix()
    try:
        location.encode()
    except UnicodeEncodeError:
        shown = location.encode(errors="replace").decode()
        return RowError(f"the file name {shown!r} is not UTF-8", line=None, code="not_utf8")
    # One name, whether a Mac wrote it with its accents apart or not.
    path = PurePosixPath(unicodedata.normalize("NFC", location))
    category = path.parent.as_posix()
    product = Product(
        id=path.with_suffix("").as_posix(),
        title=re.sub(r"[\s_-]+", " ", path.stem).strip().capitalize(),
        category="" if category == "." else category.replace("/", " > "),
    )
    return CatalogEntry(product, (PictureRef(location),))
