"""dlib, and the photos; tests that need them are skipped where they are not to be had."""

from pathlib import Path

import pytest

from features.people import DlibFaces
from tests.people import people_folder


@pytest.fixture(scope="session")
def photos() -> Path:
    return people_folder()


@pytest.fixture(scope="session")
def dlib_faces(photos: Path) -> DlibFaces:
    return DlibFaces()
