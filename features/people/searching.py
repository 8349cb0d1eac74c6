"""From the faces of a photo to pictures of the same people. Nothing of the photo is kept."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.errors import InvalidQueryError
from features.images import DEFAULT_LIMITS, PictureLimits, decode
from features.people.dlib_faces import DETAIL, DlibFaces
from features.people.faces import EnrolledFace, Face, FaceReader
from features.people.gallery import MANIFEST, FaceGallery, open_faces
from features.types import Box

THRESHOLD = 0.6
"""The largest distance of two faces of one person, as dlib's network was made for."""


@dataclass(frozen=True)
class PersonMatch:
    """A picture of the same person: the nearest of its faces, by Euclidean distance."""

    face: EnrolledFace
    distance: float


@dataclass(frozen=True)
class FoundFace:
    """A face of the photo; without matches it is unknown. `number` counts from the left, from 0."""

    number: int
    box: Box
    matches: tuple[PersonMatch, ...]


@dataclass(frozen=True)
class FoundPeople:
    """The faces that were searched for, and the photo's size as it was looked at, in pixels."""

    faces: tuple[FoundFace, ...]
    width: int
    height: int


class PeopleSearch:
    """Searches the faces of a folder, as they are now. Thread-safe; loads on first use."""

    def __init__(
        self,
        folder: Path,
        threshold: float = THRESHOLD,
        limits: PictureLimits = DEFAULT_LIMITS,
        reader: Callable[[], FaceReader] = DlibFaces,
    ) -> None:
        self.folder = folder
        self._threshold = threshold
        self._limits = limits
        self._make_reader = reader
        self._reader: FaceReader | None = None
        self._loading = threading.Lock()
        self._seen: tuple[object, FaceGallery] = (None, FaceGallery())

    @property
    def gallery(self) -> FaceGallery:
        """The faces that are kept now."""
        mark = _mark(self.folder)
        known, gallery = self._seen
        if mark != known:
            gallery = open_faces(self.folder)
            self._seen = mark, gallery
        return gallery

    def search(self, photo: bytes, face: int | None = None, limit: int = 20) -> FoundPeople:
        """Pictures of the people of a photo, of one face or of all; at most `limit` of each.

        Raises:
            InvalidPictureError: the photo cannot be used.
            InvalidQueryError: it has no such face.
            PeopleUnavailableError: what reads faces is not installed.
        """
        image = decode(photo, self._limits, detail=DETAIL)
        faces = self._loaded().read(image)
        if face is not None and not 0 <= face < len(faces):
            there = f"the faces 0 to {len(faces) - 1}" if faces else "no faces"
            raise InvalidQueryError(f"face is {face}; this photo has {there}.")
        gallery = self.gallery
        found = tuple(
            FoundFace(number, seen.box, self._matches(gallery, seen, limit))
            for number, seen in enumerate(faces)
            if face in (None, number)
        )
        return FoundPeople(found, image.width, image.height)

    def _loaded(self) -> FaceReader:
        with self._loading:
            if self._reader is None:
                self._reader = self._make_reader()
            return self._reader

    def _matches(self, gallery: FaceGallery, face: Face, limit: int) -> tuple[PersonMatch, ...]:
        """The nearest face of each picture, the nearest picture first."""
        distances = np.linalg.norm(gallery.vectors - face.vector, axis=1)
        best: dict[str, PersonMatch] = {}
        for row in np.argsort(distances, kind="stable").tolist():
            distance = float(distances[row])
            if distance > self._threshold or len(best) == limit:
                break
            enrolled = gallery.faces[row]
            best.setdefault(enrolled.content_hash, PersonMatch(enrolled, distance))
        return tuple(best.values())


def _mark(folder: Path) -> tuple[int, int] | None:
    """Cheap, and another one after every change."""
    try:
        status = (folder / MANIFEST).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_mtime_ns
