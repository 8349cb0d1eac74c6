"""Milvus over the network: a server that is away, starts anew, hangs."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from features.errors import IndexTimeoutError, IndexUnreachableError
from features.index import build_index
from features.index.milvus import MilvusAddress, compare, open_index
from features.store import StoreWriter, open_store
from scripts.lite_server import LiteServer
from tests.helpers import TINY, gallery

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiteServer]:
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    with LiteServer(tmp_path / "milvus") as server:
        server.start()
        yield server


@pytest.fixture
def store(folder: Path) -> Path:
    with StoreWriter(folder, TINY) as writer:
        writer.append(*gallery(400))
    return folder


def test_a_search_waits_for_a_server_that_starts_anew(server: LiteServer, store: Path) -> None:
    view = open_store(store)
    queries = np.random.default_rng(3).normal(size=(3, 4)).astype(np.float32)
    expected = build_index(view.blocks).search(queries, 9)
    index = open_index(view, MilvusAddress(server.uri, timeout=20))
    assert index.search(queries, 9) == expected
    server.kill()
    later = threading.Timer(0.5, server.start)
    later.start()
    assert index.search(queries, 9) == expected
    later.join()
    assert compare(view, index.collection).same
    index.collection.close()


def test_a_server_that_is_away_is_named_within_the_deadline(
    server: LiteServer, store: Path
) -> None:
    index = open_index(open_store(store), MilvusAddress(server.uri, timeout=1))
    server.kill()
    started = time.monotonic()
    with pytest.raises(IndexUnreachableError, match=f"{server.port} cannot be reached"):
        index.search(np.zeros((1, 4), np.float32), 3)
    assert 0.5 < time.monotonic() - started < 5
    with pytest.raises(IndexUnreachableError, match="the address and the token"):
        open_index(open_store(store), MilvusAddress(server.uri, timeout=0.3))


def test_a_server_that_hangs_is_a_timeout_and_forgiven(server: LiteServer, store: Path) -> None:
    index = open_index(open_store(store), MilvusAddress(server.uri, timeout=1))
    server.hang()
    started = time.monotonic()
    with pytest.raises(IndexTimeoutError, match="did not answer within 1 s"):
        index.search(np.zeros((1, 4), np.float32), 3)
    assert time.monotonic() - started < 5
    server.go_on()
    assert len(index.search(np.zeros((1, 4), np.float32), 3)[0]) == 3
    index.collection.close()
