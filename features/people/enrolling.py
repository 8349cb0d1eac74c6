"""Keeping the faces of people who agreed to it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from features.errors import EnrolmentError, VisualSearchError
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash, decode, read_picture
from features.people.dlib_faces import DETAIL
from features.people.faces import EnrolledFace, Face, FaceReader
from features.people.gallery import FaceStore

_SUBJECT = re.compile(r"(?!search\Z)(?:\w[\w.@+ -]{0,98}\w|\w)")  # in addresses: people/search


@dataclass(frozen=True)
class Enrolment:
    """What became of the pictures; a failed one with the reason."""

    enrolled: tuple[EnrolledFace, ...]
    failed: tuple[tuple[Path, str], ...]


def enrol(
    store: FaceStore,
    reader: FaceReader,
    subject: str,
    pictures: Iterable[Path],
    *,
    consent: bool = False,
    face: int | None = None,
    everyone: bool = False,
    limits: PictureLimits = DEFAULT_LIMITS,
) -> Enrolment:
    """Keep the faces of a subject in one step; a picture that cannot be used is left out.

    Args:
        consent: whether the subject agreed; nothing is kept without.
        face: which one, counted from the left, where pictures show several.
        everyone: keep all faces: the subject is a group that agreed together.

    Raises:
        EnrolmentError: there is no consent, or the name cannot be one.
        StoreWriteError: the faces cannot be kept.
    """
    check_subject(subject, consent=consent)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept: list[tuple[EnrolledFace, Face]] = []
    failed: list[tuple[Path, str]] = []
    for path in pictures:
        try:
            data = read_picture(path, limits)
            found = reader.read(decode(data, limits, detail=DETAIL))
            place = _location(path), content_hash(data)
            kept += [
                (EnrolledFace(subject, *place, one.box, now), one)
                for one in (found if everyone and found else [_chosen(found, face)])
            ]
        except VisualSearchError as error:
            failed.append((path, str(error)))
    enrolled = tuple(told for told, _ in kept)
    if enrolled:
        store.add(enrolled, np.concatenate([seen.vector for _, seen in kept]))
    return Enrolment(enrolled, tuple(failed))


def check_subject(subject: str, *, consent: bool) -> None:
    """Refuse whose faces may not be kept, before anything is made for them.

    Raises:
        EnrolmentError: there is no consent, or the name cannot be one.
    """
    if not consent:
        raise EnrolmentError(
            "faces are kept only of people who agreed to it; say so with --i-have-consent"
        )
    if not _SUBJECT.fullmatch(subject):
        raise EnrolmentError(
            f"{subject[:100]!r} cannot be a subject; use 1 to 100 letters, digits, and . @ + - _ "
            "or spaces between them, but not the word search alone"
        )


def _chosen(faces: list[Face], number: int | None) -> Face:
    if not faces:
        raise EnrolmentError("no face is found in it; choose a picture that shows one from ahead")
    if number is None and len(faces) > 1:
        raise EnrolmentError(
            f"it shows {len(faces)} faces; choose one of them, counted from 0 on the left, with "
            "--face"
        )
    if number is not None and not 0 <= number < len(faces):
        raise EnrolmentError(f"it has no face {number}, but {len(faces)}, counted from 0")
    return faces[number or 0]


def _location(path: Path) -> str:
    """The absolute path, as a table can hold it."""
    location = str(path.resolve())
    try:
        location.encode()
    except UnicodeEncodeError as error:
        raise EnrolmentError("its path is not UTF-8; rename it") from error
    return location
