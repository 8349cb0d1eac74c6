"""Saved indexes: opened instead of built, kept while a gallery changes, never trusted blindly."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.index import IndexPlace, build_index, kind_for, lacks_index, save_index
from features.index.approximate import ApproximateIndex
from features.index.engines import KINDS, Effort
from features.types import Neighbour, RowMask, Vectors
from tests.helpers import ROOT

WORTH_IT = 2_000
ROWS = 2_100
DIM = 24


@pytest.fixture(scope="module", autouse=True)
def _few_rows_are_worth_an_index() -> Iterator[None]:
    """Building one over 20,000 takes seconds; tests/contract searches as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("features.index.approximate.WORTH_IT", WORTH_IT)
        yield


def points(count: int, seed: int) -> Vectors:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(300, DIM))
    near = centres[random.integers(300, size=count)] + 0.5 * random.normal(size=(count, DIM))
    return near.astype(np.float32)


def place(folder: Path, *keys: str) -> IndexPlace:
    return IndexPlace(folder / "index", keys)


def recall(
    index: ApproximateIndex, blocks: Sequence[Vectors], allow: RowMask | None = None
) -> float:
    """The share of the true 20 nearest that is found, over some queries."""
    exact = build_index(blocks, "exact")
    hits = 0
    for query in points(30, seed=99):
        (found,), (true,) = (
            index.search(query[None], 20, allow),
            exact.search(query[None], 20, allow),
        )
        assert [near.distance for near in found] == sorted(near.distance for near in found)
        hits += len({near.row for near in found} & {near.row for near in true})
    return hits / (20 * 30)


def opened(blocks: Sequence[Vectors], where: IndexPlace) -> ApproximateIndex:
    index = build_index(blocks, "hnsw", place=where)
    assert isinstance(index, ApproximateIndex)
    return index


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of two blocks."""
    folder = tmp_path_factory.mktemp("kept")
    save_index([points(ROWS, 1), points(500, 2)], place(folder, "a", "b"), "hnsw")
    return folder


def test_what_searches_so_many_rows_is_told_before_anything_is_built() -> None:
    assert kind_for("auto", 100) == kind_for("hnsw", 100) == kind_for("exact", ROWS) == "exact"
    assert kind_for("auto", 1_000_000) == kind_for("hnsw", 1_000_000) == "hnsw"


def test_what_was_saved_is_opened(kept: Path) -> None:
    blocks = [points(ROWS, 1), points(500, 2)]
    index = opened(blocks, place(kept, "a", "b"))
    assert not index.lacks
    assert index.is_approximate
    assert recall(index, blocks) > 0.99


def test_nothing_is_built_where_nothing_is_lacking(kept: Path) -> None:
    before = sorted((kept / "index").rglob("*"))
    assert save_index([points(ROWS, 1), points(500, 2)], place(kept, "a", "b"), "hnsw") is None
    assert sorted((kept / "index").rglob("*")) == before


def test_rows_that_came_later_are_found_at_once(kept: Path) -> None:
    blocks = [points(ROWS, 1), points(500, 2), points(40, 3)]
    index = opened(blocks, place(kept, "a", "b", "c"))
    assert not index.lacks
    for row in range(40):
        assert index.search(blocks[2][row][None], 1) == [[Neighbour(ROWS + 500 + row, 0.0)]]
    assert recall(index, blocks) > 0.99


def test_rows_keep_their_numbers_when_a_block_leaves(kept: Path) -> None:
    blocks = [points(30, 5), points(ROWS, 1)]
    index = opened(blocks, place(kept, "new", "a"))
    assert index.rows == ROWS + 30
    for row in (0, 1000, ROWS - 1):
        assert index.search(blocks[1][row][None], 1) == [[Neighbour(30 + row, 0.0)]]
    for gone in points(500, 2)[:20]:
        assert index.search(gone[None], 1)[0][0].distance > 0
    assert recall(index, blocks) > 0.99


@pytest.mark.parametrize("share", [0.001, 0.05, 0.4, 0.999])
def test_a_mask_rules_over_old_and_new_rows_alike(kept: Path, share: float) -> None:
    blocks = [points(ROWS, 1), points(500, 2), points(40, 3)]
    index = opened(blocks, place(kept, "a", "b", "c"))
    allow = np.random.default_rng(7).random(index.rows) < share
    allow[-20:] = True
    assert recall(index, blocks, allow) > 0.99


def test_a_mask_that_leaves_no_old_row_finds_the_new_ones_or_none(kept: Path) -> None:
    blocks = [points(ROWS, 1), points(500, 2)]
    index = opened(blocks, place(kept, "a", "b"))
    query = blocks[1][7]
    allow = np.zeros(index.rows, np.bool_)
    assert index.search(query[None], 5, allow) == [[]]
    allow = np.zeros(index.rows, np.bool_)
    allow[ROWS:] = True
    assert index.search(query[None], 5, allow)[0][0] == Neighbour(ROWS + 7, 0.0)


def test_a_mask_far_from_the_query_leaves_nothing_out(kept: Path) -> None:
    blocks = [points(ROWS, 1), points(500, 2)]
    index = opened(blocks, place(kept, "a", "b"))
    exact = build_index(blocks, "exact")
    for query in points(10, seed=50):
        (order,) = exact.search(query[None], index.rows)
        allow = np.zeros(index.rows, np.bool_)
        allow[[near.row for near in order[index.rows // 2 :]]] = True  # the far half of all
        assert index.search(query[None], 20, allow) == exact.search(query[None], 20, allow)


def test_an_index_is_wanted_again_when_much_has_come_or_gone(kept: Path) -> None:
    first, second = points(ROWS, 1), points(500, 2)
    grown = [first, second, points(2_700, 8)]
    assert lacks_index(build_index(grown, "hnsw", place=place(kept, "a", "b", "d")))
    shrunk = [points(2_050, 9), second]
    assert lacks_index(build_index(shrunk, "hnsw", place=place(kept, "e", "b")))
    few = [points(100, 9), second]
    assert not lacks_index(build_index(few, "hnsw", place=place(kept, "e", "b")))


def test_building_again_replaces_what_was_saved(tmp_path: Path) -> None:
    where = place(tmp_path, "a")
    first = save_index([points(WORTH_IT, 1)], where, "hnsw")
    assert first is not None
    before = opened([points(WORTH_IT, 1)], where)
    blocks = [points(WORTH_IT, 1), points(2_700, 2)]
    second = save_index(blocks, place(tmp_path, "a", "b"), "hnsw")
    assert second is not None
    assert len(second.order) == WORTH_IT + 2_700
    assert len(list((tmp_path / "index").glob("hnsw-*"))) == 1
    assert recall(before, blocks[:1]) > 0.99  # whoever had the old one open goes on with it
    assert recall(opened(blocks, place(tmp_path, "a", "b")), blocks) > 0.99


def kinds_kept(folder: Path) -> list[str]:
    """The kinds of the indexes on the disk."""
    return sorted(path.name.partition("-")[0] for path in folder.glob("index/*-*"))


def test_an_index_of_another_kind_goes_when_the_new_one_is_saved(tmp_path: Path) -> None:
    where, blocks = place(tmp_path, "a"), [points(WORTH_IT, 1)]
    save_index(blocks, where, "hnsw")
    save_index(blocks, where, "sq8")
    assert kinds_kept(tmp_path) == ["sq8"]


def test_an_index_of_another_kind_stays_as_long_as_it_is_searched_with(tmp_path: Path) -> None:
    """Two servers with two settings would else build theirs by turns for ever."""
    where, blocks = place(tmp_path, "a"), [points(WORTH_IT, 1)]
    save_index(blocks, where, "hnsw")
    index = opened(blocks, where)
    save_index(blocks, where, "sq8")
    assert kinds_kept(tmp_path) == ["hnsw", "sq8"]
    assert save_index(blocks, where, "hnsw") is None  # neither is built again
    assert kinds_kept(tmp_path) == ["hnsw"]  # nobody searches with the other one
    save_index(blocks, where, "sq8")
    assert recall(index, blocks) > 0.99
    del index
    assert save_index(blocks, where, "sq8") is None
    assert kinds_kept(tmp_path) == ["sq8"]


HOLDER = """
import sys
from pathlib import Path
from features.index.saved import open_saved
saved = open_saved(Path(sys.argv[1]), "hnsw", ["a"])
print(saved is not None, flush=True)
sys.stdin.read()
"""


def test_an_index_that_another_process_searches_with_stays_until_that_has_ended(
    tmp_path: Path,
) -> None:
    where, blocks = place(tmp_path, "a"), [points(WORTH_IT, 1)]
    save_index(blocks, where, "hnsw")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, where.folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "True\n"
        save_index(blocks, where, "sq8")
        assert kinds_kept(tmp_path) == ["hnsw", "sq8"]
        other.kill()
    assert save_index(blocks, where, "sq8") is None
    assert kinds_kept(tmp_path) == ["sq8"]


@pytest.mark.parametrize("name", ["engine.faiss", "order.npy", "sketches.npy", "about.json"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_index_is_as_good_as_none(
    kept: Path, tmp_path: Path, name: str, damage: str
) -> None:
    shutil.copytree(kept / "index", tmp_path / "index")
    (file,) = tmp_path.glob(f"index/*/{name}")
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-100])
    blocks = [points(ROWS, 1), points(500, 2)]
    index = opened(blocks, place(tmp_path, "a", "b"))
    assert index.lacks
    assert not index.is_approximate
    assert recall(index, blocks) == 1.0


def test_a_damaged_index_is_built_again(tmp_path: Path) -> None:
    where, blocks = place(tmp_path, "a"), [points(WORTH_IT, 1)]
    for _ in range(2):
        assert save_index(blocks, where, "hnsw") is not None
        assert opened(blocks, where).is_approximate
        (file,) = tmp_path.glob("index/*/engine.faiss")
        file.write_bytes(b"")


def test_vectors_that_the_engine_cannot_tell_apart_are_searched_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = replace(KINDS["hnsw"], efforts=(Effort(50, 1),))
    monkeypatch.setattr("features.index.built.KINDS", {**KINDS, "hnsw": hasty})
    vectors = np.random.default_rng(0).normal(size=(WORTH_IT, 512)).astype(np.float32)
    built = save_index([vectors], place(tmp_path, "a"), "hnsw")
    assert built is not None
    assert built.recall < 0.99
    index = opened([vectors], place(tmp_path, "a"))
    assert not index.is_approximate
    assert not index.lacks
