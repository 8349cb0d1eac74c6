"""Fixtures that every test may ask for."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from features.cache import cache_dir
from features.extractors import Extractor, load_extractor
from features.extractors.efficientnet import EfficientNetLite, Variant
from tests.helpers import CountingExtractor, shared_folder
from tests.remembering import RememberedTemplates, RememberingNetwork, remembered_builders


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A long test at the end would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def _networks_are_compiled_once() -> Iterator[None]:
    """Compiling takes 0.4 s, and hundreds of tests open a store; extractors never change.

    They are made each time in a cache folder of a test's own, and with `compiled_anew`.
    """
    usual, once = cache_dir(), cache(RememberingNetwork)

    def load(name: str, variant: Variant, folder: Path) -> EfficientNetLite:
        return (once if folder == usual else EfficientNetLite)(name, variant, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("features.extractors.efficientnet.EfficientNetLite", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_and_addresses_are_compiled_once() -> Iterator[None]:
    """Hundreds of tests make an application of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", RememberedTemplates())
        patch.setattr(Rule, "_compile_builder", remembered_builders())
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """A test can kill a process, and what that wrote stays; only a power cut asks for fsync."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", os.fstat)  # which refuses what is no open file, too
        yield


@pytest.fixture
def compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded is loaded, as outside of tests."""
    monkeypatch.setattr("features.extractors.efficientnet.EfficientNetLite", EfficientNetLite)


@pytest.fixture
def computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each vector is the network's, however often it is asked for."""
    monkeypatch.setattr(RememberingNetwork, "remembers", False)


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
