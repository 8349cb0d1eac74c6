"""Real photos of people, which are not part of the repository, and who is on them."""

from pathlib import Path

import numpy as np
import pytest

from features.errors import PeopleUnavailableError
from features.people import EnrolledFace, FaceReader, FaceStore, check_installed, enrol
from features.types import Box, Vectors
from tests.helpers import shared_folder

# By file name, from left to right. Nobody knows the child and the ones in the background.
SHOWN = {
    "alex-lacamoire.png": ["alex"],
    "biden.jpg": ["biden"],
    "obama.jpg": ["obama"],
    "obama2.jpg": ["obama"],
    "test_kit_with_rose.jpg": ["rose", "kit"],
    "test_obama_and_biden.jpg": ["biden", "obama", "nobody"],
    "train_biden_biden2.jpg": ["biden"],
    "train_rose_leslie_img1.jpg": ["rose"],
    "train_rose_leslie_img2.jpg": ["rose"],
    "two_people.jpg": ["obama", "biden"],
}


def made_up(*subjects: str) -> tuple[list[EnrolledFace], Vectors]:
    """Faces of nobody, each in a picture of its own, with vectors far from each other."""
    faces = [
        EnrolledFace(subject, f"/{number}.jpg", f"{number:032x}", Box(0, 0, 0.5, 0.5), "2026-01-01")
        for number, subject in enumerate(subjects)
    ]
    return faces, np.eye(128, dtype=np.float32)[: len(faces)]


def people_folder() -> Path:
    """The photos; skips where they, or what reads faces, are not to be had."""
    try:
        check_installed()
    except PeopleUnavailableError as error:
        pytest.skip(str(error))
    folder = shared_folder() / "data" / "faces"
    if not folder.is_dir():
        pytest.skip(f"there are no photos of people in {folder}")
    return folder


def enrol_everybody(store: Path, photos: Path, reader: FaceReader) -> None:
    """Keep every known person of the photos of one person."""
    with FaceStore(store) as faces:
        for subject in ("alex", "biden", "obama"):
            paths = [photos / name for name, shown in SHOWN.items() if shown == [subject]]
            enrol(faces, reader, subject, paths, consent=True)
