"""Files that are on the disk, whole, before anything refers to them."""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from features.disk import flush_folder, sweep_drafts, write_problem
from features.errors import StoreWriteError
from features.store.manifest import DIGEST_SIZE, MANIFEST, Manifest, SegmentFile

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


def draft_of(name: str) -> str:
    """What a file is called that is to replace the one of a name: `*` for all of them."""
    return f"{name}.draft"


def write_file(folder: Path, name: str, content: Iterable[bytes | memoryview]) -> SegmentFile:
    """Write a new file, piece by piece, and flush it to the disk."""
    size, digest = 0, hashlib.blake2b(digest_size=DIGEST_SIZE)
    with (folder / name).open("wb") as file:
        for piece in content:
            size += file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return SegmentFile(name, size, digest.hexdigest())


def replace_file(folder: Path, name: str, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new.

    For one at a time, who holds a lock or is alone in the folder; `replace_shared_file` for others.
    """
    _replace_by(draft_of(name), folder, name, content)


def replace_shared_file(folder: Path, name: str, content: bytes) -> None:
    """The same where several may do it at once: the last one's content stays."""
    sweep_drafts(folder.glob(f".{name}.*"))
    draft = f".{name}.{secrets.token_hex(4)}"
    try:
        _replace_by(draft, folder, name, content)
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is told
            (folder / draft).unlink(missing_ok=True)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Commit a version. The files that it names come before it in the folder, on the disk too."""
    replace_file(folder, MANIFEST, manifest.to_json().encode())


def segment_files(folder: Path) -> list[Path]:
    """Every file in the folder with a name as the store gives them, in the order of the names."""
    return sorted(path for path in folder.iterdir() if _SEGMENT_FILE.fullmatch(path.name))


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete what an interrupted writer left: store files that the manifest does not name."""
    named = {file.name for file in manifest.files}
    for path in (*segment_files(folder), folder / draft_of(MANIFEST)):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _replace_by(draft: str, folder: Path, name: str, content: bytes) -> None:
    write_file(folder, draft, [content])
    flush_folder(folder)
    (folder / draft).replace(folder / name)
    flush_folder(folder)
