"""dlib, and the photos; tests that need them are skipped where they are not to be had."""

from pathlib import Path

import pytest

from features.errors import PeopleUnavailableError
from features.people import DlibFaces


@pytest.fixture(scope="session")
def dlib_faces() -> DlibFaces:
    try:
        return DlibFaces()
    except PeopleUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def photos(shared_data: Path) -> Path:
    folder = shared_data / "data" / "faces"
    if not folder.is_dir():
        pytest.skip(f"there are no photos of people in {folder}")
    return folder
