"""A folder of pictures: the sub-folder is the category, the file's name the id and the title."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from features.errors import RowError
from features.images import SUFFIXES
from features.types import CatalogEntry, PictureRef, Product


def read_folder(root: Path) -> Iterator[CatalogEntry | RowError]:
    """Every picture below the folder, in the order of their paths; hidden files are left out."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if _is_picture(path) and not name.startswith("."):
                yield _entry(path.relative_to(root))


def read_names(names: Iterable[str]) -> Iterator[CatalogEntry | RowError]:
    """The same of a folder that is known by the paths of its files, as in an archive."""
    paths = (PurePosixPath(name) for name in names)
    for path in sorted(filter(_is_picture, paths), key=_place):
        yield _entry(path)


def _is_picture(path: PurePath) -> bool:
    return path.suffix.lower() in SUFFIXES


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
    category = path.parent.as_posix()
    product = Product(
        id=path.with_suffix("").as_posix(),
        title=re.sub(r"[\s_-]+", " ", path.stem).strip().capitalize(),
        category="" if category == "." else category.replace("/", " > "),
    )
    return CatalogEntry(product, (PictureRef(location),))
