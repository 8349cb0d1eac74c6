"""The faces that are kept: vectors in a numpy file, the rest in CSV, a manifest as the truth.

Every change writes both files anew and deletes the old ones: what is deleted is in no file of the
folder any more once the change returns. Tombstones would keep the vector of a deleted face.
"""

import contextlib
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from features.closing import Closing
from features.disk import flush_folder
from features.errors import StoreCorruptError, StoreNotFoundError, UnknownSubjectError
from features.json_text import read_json
from features.people.dlib_faces import DIM, NETWORK
from features.people.faces import EnrolledFace
from features.store.disk import naming_write_errors, replace_file, write_file
from features.store.lock import WriteLock
from features.store.manifest import SegmentFile, blake2b
from features.types import Box, Vectors

MANIFEST = "people.json"
FORMAT = 1
_LOCK = ".lock"
_OURS = re.compile(r"(?:faces-\d{6,}\.(?:npy|csv)|people\.json\.draft)")
_COLUMNS = ["subject", "location", "content_hash", "x1", "y1", "x2", "y2", "enrolled"]


@dataclass(frozen=True)
class _Manifest:
    """One version of the folder."""

    version: int
    vectors: SegmentFile
    faces: SegmentFile
    network: str = NETWORK
    format: int = FORMAT


@dataclass(frozen=True, eq=False)
class FaceGallery:
    """One version of the faces that are kept. `vectors` has a row for each: (n, 128)."""

    faces: tuple[EnrolledFace, ...] = ()
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, DIM), np.float32))
    version: int = 0

    def subjects(self) -> Mapping[str, int]:
        """How many faces are kept of each subject, by name."""
        return dict(sorted(Counter(face.subject for face in self.faces).items()))

    def of(self, subject: str) -> list[EnrolledFace]:
        """All faces of a subject.

        Raises:
            UnknownSubjectError: there is none.
        """
        found = [face for face in self.faces if face.subject == subject]
        if not found:
            raise UnknownSubjectError(f"No face is kept of {subject[:100]!r}.")
        return found


def open_faces(folder: Path) -> FaceGallery:
    """The faces that a folder keeps now; none where it keeps nothing yet.

    Raises:
        StoreCorruptError: a file is missing, changed, or of another network or format.
    """
    while True:
        manifest = _read_manifest(folder)
        if manifest is None:
            return FaceGallery()
        try:
            return _read(folder, manifest)
        except FileNotFoundError as error:
            if _read_manifest(folder) == manifest:  # else it was changed while it was read
                raise _damaged(folder, error) from error
        except (OSError, ValueError, TypeError) as error:
            raise _damaged(folder, error) from error


def check_kept(folder: Path) -> None:
    """Refuse a folder that keeps no faces: it may be a wrong one.

    Raises:
        StoreNotFoundError: nothing was ever kept there.
    """
    with contextlib.suppress(OSError):  # who reads it tells what is wrong
        if not (folder / MANIFEST).exists():
            raise StoreNotFoundError(
                f"no faces are kept in {folder}; name the folder with --store, or enrol somebody"
            )


class FaceStore(Closing):
    """Changes the faces that a folder keeps: one writer at a time, each change all or nothing."""

    def __init__(self, folder: Path, *, wait: float = 0.0, purpose: str = "") -> None:
        """Take the lock; a folder that is not there is made, for its owner alone.

        Args:
            wait: seconds to wait for another writer.
            purpose: what is being done, for those who wait.

        Raises:
            StoreError: the folder is locked, damaged, or cannot be written.
        """
        self.folder = folder
        with naming_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = WriteLock(folder / _LOCK, wait=wait, purpose=purpose)
            try:
                self.gallery = open_faces(folder)
                self._sweep()
            except BaseException:
                self._lock.close()
                raise

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()

    def add(self, faces: Sequence[EnrolledFace], vectors: Vectors) -> None:
        """Keep faces; one that a subject has already, in the same place, is replaced.

        Args:
            vectors: shape (len(faces), 128).

        Raises:
            ValueError: the vectors have another shape.
        """
        if vectors.shape != (len(faces), DIM):
            raise ValueError(f"the vectors have the shape {vectors.shape}")
        added = {_place(face): number for number, face in enumerate(faces)}  # the last of each
        new = list(added.values())
        rows = self._rows(lambda face: _place(face) not in added)
        self._commit(
            [*(self.gallery.faces[row] for row in rows), *(faces[number] for number in new)],
            np.concatenate([self.gallery.vectors[rows], vectors[new]]),
        )

    def delete(self, subject: str, content_hash: str | None = None) -> int:
        """Forget a subject, or what one picture shows of it; how many faces that were.

        Raises:
            UnknownSubjectError: no such face is kept.
        """
        self.gallery.of(subject)
        rows = self._rows(
            lambda face: face.subject != subject or content_hash not in (None, face.content_hash)
        )
        gone = len(self.gallery.faces) - len(rows)
        if not gone:
            raise UnknownSubjectError(f"No face of {subject[:100]!r} is kept from that picture.")
        self._commit([self.gallery.faces[row] for row in rows], self.gallery.vectors[rows])
        return gone

    def _rows(self, wanted: Callable[[EnrolledFace], bool]) -> list[int]:
        return [row for row, face in enumerate(self.gallery.faces) if wanted(face)]

    def _commit(self, faces: Iterable[EnrolledFace], vectors: Vectors) -> None:
        told = tuple(faces)
        number = self.gallery.version + 1
        with naming_write_errors(self.folder):
            manifest = _Manifest(
                number,
                write_file(self.folder, f"faces-{number:06}.npy", [_npy(vectors)]),
                write_file(self.folder, f"faces-{number:06}.csv", [_csv(told)]),
            )
            text = json.dumps(asdict(manifest), indent=1) + "\n"
            replace_file(self.folder, MANIFEST, text.encode())
            self.gallery = FaceGallery(told, vectors, number)
            self._sweep()

    def _sweep(self) -> None:
        """Delete what the manifest does not name: earlier versions, an interrupted change."""
        manifest = _read_manifest(self.folder)
        named = set() if manifest is None else {manifest.vectors.name, manifest.faces.name}
        for path in self.folder.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in named:
                path.unlink()
        flush_folder(self.folder)


def _place(face: EnrolledFace) -> tuple[str, str, Box]:
    return face.subject, face.content_hash, face.box


def _npy(vectors: Vectors) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(vectors, "<f4"), allow_pickle=False)
    return buffer.getvalue()


def _csv(faces: Iterable[EnrolledFace]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    writer.writerows(
        (face.subject, face.location, face.content_hash, *astuple(face.box), face.enrolled)
        for face in faces
    )
    return buffer.getvalue().encode()


def _read_manifest(folder: Path) -> _Manifest | None:
    try:
        told: dict[str, Any] = read_json((folder / MANIFEST).read_bytes())
        if (told["format"], told["network"]) != (FORMAT, NETWORK):
            raise ValueError(f"it has format {told['format']} and the network {told['network']}")
        vectors, faces = (SegmentFile(**told[name]) for name in ("vectors", "faces"))
        return _Manifest(int(told["version"]), vectors, faces)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(folder, error) from error


def _read(folder: Path, manifest: _Manifest) -> FaceGallery:
    content = _checked(folder, manifest.vectors)
    vectors: Vectors = np.load(io.BytesIO(content), allow_pickle=False)
    header, *rows = csv.reader(io.StringIO(_checked(folder, manifest.faces).decode(), newline=""))
    faces = tuple(map(_face, rows))
    if header != _COLUMNS or vectors.shape != (len(faces), DIM):
        raise ValueError(f"{len(faces)} faces with vectors of the shape {vectors.shape}")
    return FaceGallery(faces, vectors, manifest.version)


def _checked(folder: Path, file: SegmentFile) -> bytes:
    content = (folder / file.name).read_bytes()
    if blake2b(content) != file.blake2b:
        raise ValueError(f"the bytes of {file.name} have changed")
    return content


def _face(row: Sequence[str]) -> EnrolledFace:
    subject, location, content_hash, *sides, enrolled = row
    return EnrolledFace(subject, location, content_hash, Box(*map(float, sides)), enrolled)


def _damaged(folder: Path, error: Exception) -> StoreCorruptError:
    return StoreCorruptError(
        f"the faces in {folder} are damaged ({error}); restore the folder, or delete it and enrol "
        "again with scripts/people.py"
    )
