"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest

from features.extractors import Extractor, load_extractor
from tests.helpers import CountingExtractor, shared_folder


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The default extractor, loaded once."""
    return load_extractor()


@pytest.fixture
def counting(extractor: Extractor) -> CountingExtractor:
    """The default extractor with a counter, from 0."""
    return CountingExtractor(extractor)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real catalogues and photos that are not part of the repository."""
    folder = shared_folder()
    if not (folder / "data").is_dir():
        pytest.skip(f"there is no test data in {folder}; set VISUAL_SEARCH_TEST_DATA")
    return folder
