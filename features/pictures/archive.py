"""A ZIP archive as the place of a catalogue's pictures. Nothing is ever unpacked to disk."""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from features.errors import (
    ArchiveError,
    PictureNotFoundError,
    PictureOutsideCatalogError,
    PictureTooLargeError,
    RemotePictureError,
)
from features.images import DEFAULT_LIMITS, PictureLimits
from features.pictures.base import address_advice, is_url, not_there, spellings
from features.pictures.unpacking import UnpackedStream
from features.pictures.zip_directory import ArchiveLimits, ZipDirectory, name_key, read_directory
from features.pictures.zip_names import misread

_DEFAULT = ArchiveLimits()
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_LOCAL_HEADER = Struct("<4s22xHH")
"""Its signature, and the lengths of the name and of what follows it."""


@dataclass(frozen=True)
class Archive:
    """The files below a folder of an archive; a `PictureRoot`.

    Every read opens the archive's file for itself: threads share no position in it, and there is
    nothing to close.
    """

    path: Path
    directory: ZipDirectory
    folder: str = ""
    """Where the paths start, with a slash at its end; empty at the top."""

    permanent = False

    @property
    def names(self) -> list[str]:
        """The paths of all files that can be read."""
        return self._below(self.directory.members)

    @property
    def skipped(self) -> dict[str, str]:
        """Why the other files cannot be read, by their paths."""
        reasons = self.directory.skipped
        return {name: reasons[self.folder + name] for name in self._below(reasons)}

    def at(self, folder: str) -> "Archive":
        """The same archive, with paths that start in one of its folders."""
        return Archive(self.path, self.directory, f"{self.folder}{folder}/")

    def open(self, name: str) -> BinaryIO:
        """A file of the archive as a stream.

        Raises:
            ArchiveError: there is no such file, or it is damaged; also while it is read.
        """
        entry = self.directory.members.get(self.folder + name)
        if entry is None:
            raise ArchiveError(f"there is no file {name!r} in {self.path}")
        return io.BufferedReader(_MemberStream(self.path, name, entry))

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """See `PictureRoot.read`."""
        entry = self._entry(location)
        if entry.file_size > limits.max_bytes:
            raise PictureTooLargeError(
                f"The picture has {entry.file_size / 1e6:.1f} MB; at most "
                f"{limits.max_bytes / 1e6:.1f} MB are allowed. Send a smaller one."
            )
        try:
            with _MemberStream(self.path, location, entry) as file:
                return file.readall()
        except ArchiveError as error:
            raise PictureNotFoundError(f"the picture {location!r}: {error}") from error

    def stamp(self, location: str) -> str | None:
        """The checksum and the size that the directory names."""
        try:
            entry = self._entry(location)
        except PictureNotFoundError:
            return None
        return f"{entry.CRC:08x}-{entry.file_size}"

    def _below(self, names: Mapping[str, object]) -> list[str]:
        return [name[len(self.folder) :] for name in names if name.startswith(self.folder)]

    def _entry(self, location: str) -> zipfile.ZipInfo:
        located = [self._located(spelling) for spelling in spellings(location)]
        for below in (*located, *(name for place in located for name in misread(place))):
            name = self.folder + name_key(posixpath.normpath(below))
            if name in self.directory.members:
                return self.directory.members[name]
            if reason := self.directory.skipped.get(name):
                raise PictureNotFoundError(
                    f"the picture {location!r} in {self.path} cannot be read: {reason}"
                )
        raise not_there(location, self.path)

    def _located(self, location: str) -> str:
        if is_url(location):
            raise RemotePictureError(f"the picture {location} is on the web, not in an archive")
        path = posixpath.normpath(location.replace("\\", "/"))
        if path.startswith(("/", "../")) or path == "..":
            raise PictureOutsideCatalogError(
                f"the picture {location} lies outside the catalogue's folder in {self.path}; "
                f"pack the pictures beside the feed or below it{address_advice(location)}"
            )
        return name_key(path)


def open_archive(path: Path, limits: ArchiveLimits = _DEFAULT) -> Archive:
    """An archive whose directory has been checked.

    Raises:
        ArchiveError: one of its family; see `read_directory`.
    """
    return Archive(path, read_directory(path, limits))


def is_archive(path: Path) -> bool:
    """Whether a file says that it is a ZIP archive, by its name or its first bytes."""
    if path.suffix.lower() == ".zip":
        return True
    with path.open("rb") as file:
        return file.read(4) in _SIGNATURES


class _MemberStream(UnpackedStream):
    """One file of an archive, unpacked as it is read, and never to more than the directory says."""

    def __init__(self, path: Path, name: str, entry: zipfile.ZipInfo) -> None:
        self._path, self._name, self._entry, self._size = path, name, entry, 0
        with self._errors():
            file = path.open("rb")
            try:
                self._skip_header(file)
                self._file = zipfile.ZipExtFile(file, "r", entry, close_fileobj=True)
            except BaseException:
                file.close()
                raise

    def unpack(self, size: int) -> bytes:
        """See `UnpackedStream.unpack`."""
        with self._errors():
            data = self._file.read(size)
            self._size += len(data)
            if not data and self._size != self._entry.file_size:
                raise zipfile.BadZipFile("shorter than the directory says")
        return data

    def close(self) -> None:
        """See `io.RawIOBase.close`."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()

    def _skip_header(self, file: BinaryIO) -> None:
        file.seek(self._entry.header_offset)
        signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if signature != _SIGNATURES[0]:
            raise zipfile.BadZipFile("no header where the directory says")
        file.seek(name + extra, io.SEEK_CUR)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ArchiveError(f"{self._path} cannot be read: {error.strerror or error}") from error
        except Exception as error:  # damaged members raise many kinds
            raise ArchiveError(
                f"{self._name!r} in {self._path} is damaged; pack or send it again"
            ) from error
