"""The directory of a ZIP archive, checked before anything in it is read.

The archive is refused as a whole where it is damaged, locked or beyond the limits, and for what no
packing program writes: names that lead out of a folder, and files that share bytes. A single file
that cannot be used is left out with its reason; the shop's other files are as good as before.
"""

import io
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from features.errors import ArchiveEncryptedError, ArchiveError, ArchiveTooLargeError
from features.pictures.zip_names import names_of

_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER_BYTES = 30
_MAX_ENTRY_BYTES = 400  # on average; a name and its dates take about 120
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PATCHED = 0x20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_METHOD_NAMES = {9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_ARCHIVES = frozenset(
    ".zip .rar .7z .gz .tgz .tar .bz2 .xz .zst .jar .cab .iso".split()  # noqa: SIM905
)
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_DRIVE = re.compile(r"[A-Za-z]:/")  # a colon alone is one of a name: nothing is unpacked


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may cost. Bytes are those of the unpacked files, as the archive says."""

    max_members: int = 200_000
    max_member_bytes: int = 4_000_000_000
    max_total_bytes: int = 100_000_000_000
    max_ratio: int = 200
    """Unpacked to packed bytes, of files above `ratio_from` bytes."""
    ratio_from: int = 1_000_000


@dataclass(frozen=True)
class ZipDirectory:
    """The files of an archive by their paths, and why the others cannot be used."""

    members: Mapping[str, zipfile.ZipInfo]
    skipped: Mapping[str, str]


def read_directory(path: Path, limits: ArchiveLimits) -> ZipDirectory:
    """The checked directory of an archive.

    Raises:
        ArchiveTooLargeError: there are too many files, or too many bytes in them.
        ArchiveEncryptedError: a password is needed.
        ArchiveError: it is damaged, packed in an unusual way, or made to deceive.
    """
    entries, end = _entries(path, limits)
    _refuse_too_large(path, entries, limits)
    _refuse_overlaps(path, entries, end)
    named = zip(names_of(entries), entries, strict=True)
    files = [(_checked(path, name), entry) for name, entry in named if not name.endswith("/")]
    files = [(name, entry) for name, entry in files if not _is_junk(name)]
    for name, entry in files:
        _refuse_packing(path, name, entry)
    return _sorted_out(files, limits)


def name_key(name: str) -> str:
    """Names as they are compared: Macs write an accent beside its letter, feeds do not."""
    return unicodedata.normalize("NFC", name)


class _DirectoryFile(io.FileIO):
    """The archive's file; a directory with too many entries is refused before it takes memory."""

    def __init__(self, path: Path, limits: ArchiveLimits) -> None:
        super().__init__(path)
        self._path = path
        self._most = limits.max_members

    def read(self, size: int | None = -1, /) -> bytes:
        """See `io.FileIO.read`."""
        if size is not None and size > self._most * _MAX_ENTRY_BYTES + 65_536:
            raise _too_many(self._path, self._most)
        data = super().read(-1 if size is None else size) or b""
        if data.count(_ENTRY) > self._most:
            raise _too_many(self._path, self._most)
        return data


def _entries(path: Path, limits: ArchiveLimits) -> tuple[Sequence[zipfile.ZipInfo], int]:
    """The entries as they stand there, and where the directory begins."""
    try:
        with _DirectoryFile(path, limits) as file, zipfile.ZipFile(file) as archive:
            return archive.infolist(), archive.start_dir
    except ArchiveError:
        raise
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # zipfile raises many kinds on damaged directories
        raise ArchiveError(
            f"{path} is no whole ZIP or Excel file, but cut short or damaged; pack or send it "
            "again, or export the feed as CSV"
        ) from error


def _refuse_too_large(
    path: Path, entries: Sequence[zipfile.ZipInfo], limits: ArchiveLimits
) -> None:
    if len(entries) > limits.max_members:
        raise _too_many(path, limits.max_members)
    total = sum(entry.file_size for entry in entries)
    if total > limits.max_total_bytes:
        raise ArchiveTooLargeError(
            f"{path} holds {total / 1e9:.1f} GB when unpacked; at most "
            f"{limits.max_total_bytes / 1e9:.1f} GB are allowed. Make several archives"
        )


def _too_many(path: Path, most: int) -> ArchiveTooLargeError:
    return ArchiveTooLargeError(
        f"{path} holds more than the {most} files allowed; make several archives, or unpack it "
        "and name the folder"
    )


def _refuse_overlaps(path: Path, entries: Iterable[zipfile.ZipInfo], end: int) -> None:
    """Files that share bytes make a small archive as large as its maker wants (Fifield, 2019)."""
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < free:
            raise ArchiveError(
                f"two files in {path} lie in the same place, as in an archive made to fill disks; "
                "pack it again"
            )
        free = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
    if free > end:
        raise ArchiveError(f"{path} is damaged: a file lies past its end; pack or send it again")


def _checked(path: Path, name: str) -> str:
    """The member's path; one that leaves its folder betrays the archive."""
    steps = [step for step in name.split("/") if step not in ("", ".")]
    if name.startswith("/") or _DRIVE.match(name) or ".." in steps or "\x00" in name or not steps:
        raise ArchiveError(
            f"{path} holds a file named {name[:80]!r}, which leads out of the archive; no packing "
            "program writes that. Pack the folder again"
        )
    return name_key("/".join(steps))


def _is_junk(name: str) -> bool:
    """What systems add without being asked, and hidden files."""
    return any(step.startswith(".") or step.lower() in _JUNK for step in name.split("/"))


def _refuse_packing(path: Path, name: str, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise ArchiveEncryptedError(
            f"{path} needs a password for {name!r}; pack it again without one"
        )
    if entry.compress_type not in _METHODS or entry.flag_bits & _PATCHED:
        method = _METHOD_NAMES.get(entry.compress_type, f"method {entry.compress_type}")
        raise ArchiveError(
            f"{name!r} in {path} is packed with {method}, which cannot be read here; pack again "
            "as an ordinary ZIP (Deflate)"
        )


def _sorted_out(
    files: Iterable[tuple[str, zipfile.ZipInfo]], limits: ArchiveLimits
) -> ZipDirectory:
    members: dict[str, zipfile.ZipInfo] = {}
    skipped: dict[str, str] = {}
    for name, entry in files:
        if name in members or name in skipped:
            # Which one is meant nobody can tell; programs that unpack disagree as well.
            members.pop(name, None)
            skipped[name] = "the archive holds several files of this name"
        elif reason := _unusable(name, entry, limits):
            skipped[name] = reason
        else:
            members[name] = entry
    return ZipDirectory(members, skipped)


def _unusable(name: str, entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    """Why the file is left out; empty if it is not."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link or a special file; pack the file itself"
    if PurePosixPath(name).suffix.lower() in _ARCHIVES:
        return "it is an archive within the archive; pack its files directly"
    if entry.file_size > limits.max_member_bytes:
        return f"it has more than the {limits.max_member_bytes / 1e6:.0f} MB allowed"
    packed = max(1, entry.compress_size)
    if entry.file_size > limits.ratio_from and entry.file_size > packed * limits.max_ratio:
        return f"it unpacks to more than {limits.max_ratio} times its size"
    return ""
