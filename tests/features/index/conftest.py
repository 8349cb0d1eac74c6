"""Milvus Lite in this process, with a collection of its own for each test."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from features.index.milvus import MilvusAddress

_numbers = itertools.count()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a Milvus Lite."""
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    return str(tmp_path_factory.mktemp("milvus") / "lite.db")


@pytest.fixture(scope="session")
def new_address(engine: str) -> Callable[[], MilvusAddress]:
    """Addresses of collections that nobody else has."""
    return lambda: MilvusAddress(engine, prefix=f"test_{next(_numbers)}")


@pytest.fixture
def address(new_address: Callable[[], MilvusAddress]) -> MilvusAddress:
    """The address of a collection that nobody else has."""
    return new_address()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store can be made."""
    return tmp_path / "store"
