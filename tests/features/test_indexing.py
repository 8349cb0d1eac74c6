"""The index of a store: built beside the searches, which take it up, and which do not need it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import StoreLockedError
from features.index.approximate import WORTH_IT, ApproximateIndex
from features.search import index_store
from features.search.gallery import Gallery, load_gallery
from features.store import StoreWriter
from features.store.lock import WriteLock
from tests.helpers import ROOT, TINY, gallery, run_python

ROWS = 2_500
SPEC = replace(TINY, dim=12)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With just as many rows as are worth an index here."""
    monkeypatch.setattr("features.index.approximate.WORTH_IT", ROWS)
    return written(tmp_path, ROWS - 500, 500)


def written(folder: Path, *counts: int) -> Path:
    """A store with segments of so many rows."""
    with StoreWriter(folder, SPEC) as writer:
        for seed, count in enumerate(counts):
            writer.append(*gallery(count, SPEC.dim, start=sum(counts[:seed]), seed=seed))
    return folder


def is_approximate(opened: Gallery) -> bool:
    assert isinstance(opened.index, ApproximateIndex)
    return opened.index.is_approximate


def test_an_index_is_built_once_and_taken_up_by_whoever_had_the_store_open(store: Path) -> None:
    before = load_gallery(store, SPEC, "auto")
    assert not is_approximate(before)
    report = index_store(store)
    assert report is not None
    assert (report.engine, report.rows) == ("hnsw", ROWS)
    assert report.recall > 0.99
    after = load_gallery(store, SPEC, "auto", before)
    assert is_approximate(after)
    assert after.mark != before.mark
    assert after.digest != before.digest
    query = gallery(1, SPEC.dim, seed=9)[1]
    assert after.index.search(query, 10) == before.index.search(query, 10)
    assert index_store(store) is None


def test_changes_are_found_and_deletions_are_not_without_building_again(store: Path) -> None:
    index_store(store)
    with StoreWriter(store, SPEC) as writer:
        writer.append(*gallery(3, SPEC.dim, start=30_000, seed=2), replacing=[7, 2_100])
    opened = load_gallery(store, SPEC, "auto")
    assert is_approximate(opened)
    assert index_store(store) is None
    view, added = opened.view, gallery(3, SPEC.dim, start=30_000, seed=2)[1]
    for vector in added:
        ((found,),) = opened.index.search(vector[None], 1, view.live)
        assert (found.distance, view.pictures[found.row].product_id[:4]) == (0.0, "p300")
    gone = gallery(ROWS - 500, SPEC.dim)[1][7]
    ((found,),) = opened.index.search(gone[None], 1, view.live)
    assert found.distance > 0


@pytest.mark.slow
def test_the_script_builds_what_is_lacking_and_says_so(tmp_path: Path) -> None:
    store = written(tmp_path, WORTH_IT)
    first, second = (
        run_python(str(ROOT / "scripts" / "build_index.py"), str(store), "--json") for _ in range(2)
    )
    assert json.loads(first.stdout)["built"]["rows"] == WORTH_IT
    assert json.loads(second.stdout) == {"extractor": "tiny", "built": None, "words": None}


def test_the_script_refuses_a_folder_without_stores(tmp_path: Path) -> None:
    done = run_python(str(ROOT / "scripts" / "build_index.py"), str(tmp_path))
    assert done.returncode == 2
    assert "no feature store" in done.stderr


def test_a_small_store_needs_no_index(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(50))
    assert index_store(tmp_path) is None
    assert load_gallery(tmp_path, TINY, "hnsw").index.rows == 50


def test_two_do_not_build_the_same_index(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(*gallery(50))
    (tmp_path / "index").mkdir()
    with (
        WriteLock(tmp_path / "index" / "lock", purpose="building the index"),
        pytest.raises(StoreLockedError, match="building the index"),
    ):
        index_store(tmp_path)


def test_segments_with_the_same_vectors_are_told_apart(tmp_path: Path) -> None:
    pictures, vectors, products = gallery(20)
    others = gallery(20, start=20)
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
        writer.append(others[0], vectors, others[2])
    opened = load_gallery(tmp_path, TINY, "auto")
    (found,) = opened.index.search(vectors[3][None], 2)
    assert [near.row for near in found] == [3, 23]
    assert np.all(opened.view.live)
