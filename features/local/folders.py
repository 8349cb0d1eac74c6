"""The folders that may be read. Nothing else is, not even through links."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from features.errors import (
    ConfigError,
    InvalidQueryError,
    PathNotAllowedError,
    PictureNotFoundError,
)
from features.images import SUFFIXES


class AllowedFolders:
    """Paths below some folders, with all links followed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Name the folders.

        Raises:
            ConfigError: none, or one that is no folder.
        """
        if not folders:
            raise ConfigError("no folder is allowed; name at least one")
        self._folders = tuple(map(_existing, folders))

    def resolve(self, text: str) -> Path:
        """The path that is meant; whether anything is there is not looked at.

        Raises:
            InvalidQueryError: it is not absolute, or a store could not write it down.
            PathNotAllowedError: it lies outside the folders.
            PictureNotFoundError: it cannot be a path.
        """
        if not text.startswith("/"):
            raise InvalidQueryError(f"the path {text!r:.200} is not absolute; begin it with /")
        try:
            path = Path(text).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise PictureNotFoundError(f"{text!r:.200} cannot be a path") from error
        if "\\" in str(path) or not _is_utf8(path):
            raise InvalidQueryError(
                f"the path {str(path)!r:.200} holds a backslash or is not UTF-8; rename it"
            )
        if path not in self:
            allowed = ", ".join(map(str, self._folders))
            raise PathNotAllowedError(
                f"{text!r:.200} lies outside the allowed folders ({allowed}); "
                "start the program with another --allow"
            )
        return path

    def __contains__(self, path: Path) -> bool:
        """Whether a path without links is below one of the folders, or is one."""
        return any(path.is_relative_to(folder) for folder in self._folders)


def pictures_below(folder: Path, failed: Callable[[OSError], None]) -> Iterator[Path]:
    """Every file with a picture's ending, in order; hidden ones and linked folders are left out.

    Args:
        failed: is told of folders that cannot be read.
    """
    for place, subfolders, names in os.walk(folder, onerror=failed):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                yield path


def _is_utf8(path: Path) -> bool:
    """File names may hold any bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _existing(folder: Path) -> Path:
    try:
        path = folder.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"there is no folder {folder} to allow") from error
    if not path.is_dir():
        raise ConfigError(f"{folder} is no folder; allow the one that holds it")
    return path
