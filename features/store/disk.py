"""Files that are on the disk, whole, before anything refers to them."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from features.disk import flush_folder, write_problem
from features.errors import StoreWriteError
from features.store.manifest import MANIFEST, Manifest, SegmentFile, blake2b

_DRAFT = f"{MANIFEST}.draft"
_SEGMENT_FILE = re.compile(r"(?:vectors|deleted)-\d{4,}\.npy|(?:rows|products)-\d{4,}\.csv")


@contextlib.contextmanager
def naming_write_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder into an error that says so."""
    try:
        yield
    except OSError as error:
        raise StoreWriteError(
            f"the store {folder} cannot be written: {write_problem(error)}. "
            "What was stored before is unharmed."
        ) from error


def write_file(folder: Path, name: str, content: bytes | memoryview) -> SegmentFile:
    """Write a new file and flush it to the disk."""
    with (folder / name).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return SegmentFile(name, len(content), blake2b(content))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step: a reader sees the old version or the new one."""
    write_file(folder, _DRAFT, manifest.to_json().encode())
    flush_folder(folder)
    (folder / _DRAFT).replace(folder / MANIFEST)
    flush_folder(folder)


def segment_files(folder: Path) -> list[Path]:
    """Every file in the folder with a name as the store gives them, in the order of the names."""
    return sorted(path for path in folder.iterdir() if _SEGMENT_FILE.fullmatch(path.name))


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete what an interrupted writer left: store files that the manifest does not name."""
    named = {file.name for file in manifest.files}
    for path in (*segment_files(folder), folder / _DRAFT):
        if path.name not in named:
            path.unlink(missing_ok=True)
