"""What every index promises: the answers of brute force in double precision."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from features.errors import InvalidQueryError
from features.index import VectorIndex
from features.types import Neighbour, RowMask, Vectors
from tests.contract.engines import build_index, engine_names

pytestmark = pytest.mark.parametrize("name", engine_names(), scope="module")


def random_vectors(count: int, dim: int = 32, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def brute_force(
    blocks: Sequence[Vectors], query: Vectors, k: int, allow: RowMask | None = None
) -> tuple[list[int], NDArray[np.float64]]:
    everything = np.concatenate(blocks).astype(np.float64)
    distances = np.linalg.norm(everything - query.astype(np.float64), axis=1)
    rows = np.arange(len(everything)) if allow is None else np.flatnonzero(allow)
    best = rows[np.lexsort((rows, distances[rows]))][:k]
    return best.tolist(), distances[best]


def assert_true(
    found: list[Neighbour],
    blocks: Sequence[Vectors],
    query: Vectors,
    k: int,
    allow: RowMask | None = None,
) -> None:
    rows, distances = brute_force(blocks, query, k, allow)
    assert [neighbour.row for neighbour in found] == rows
    np.testing.assert_allclose([n.distance for n in found], distances, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="module")
def thousand(name: str) -> tuple[VectorIndex, list[Vectors]]:
    """An index over a thousand rows of 256 numbers, and these."""
    blocks = [random_vectors(1000, 256)]
    return build_index(blocks, name), blocks


@pytest.mark.parametrize("k", [1, 10, 999, 1000, 5000])
def test_it_equals_brute_force(thousand: tuple[VectorIndex, list[Vectors]], k: int) -> None:
    index, blocks = thousand
    assert index.rows == 1000
    queries = random_vectors(5, 256, seed=1)
    for query, found in zip(queries, index.search(queries, k), strict=True):
        assert_true(found, blocks, query, k)


def test_many_queries_at_once_are_answered_like_one_by_one(name: str) -> None:
    blocks = [random_vectors(500) * 1000]
    index = build_index(blocks, name)
    queries = blocks[0][:80] + random_vectors(80, seed=2) / 100
    together = index.search(queries, 7)
    assert together[::4] == [index.search(query[None], 7)[0] for query in queries[::4]]
    for query, found in zip(queries, together, strict=True):
        assert_true(found, blocks, query, 7)


def test_rows_are_numbered_through_all_blocks(name: str) -> None:
    blocks = [random_vectors(count, seed=count) for count in (70, 0, 1, 130, 0)]
    index = build_index(blocks, name)
    assert index.rows == 201
    for query in random_vectors(5, seed=9):
        assert_true(index.search(query[None], 30)[0], blocks, query, 30)
    (found,) = index.search(blocks[2], 1)
    assert found == [Neighbour(70, 0.0)]


@pytest.fixture(scope="module")
def in_two(name: str) -> tuple[VectorIndex, list[Vectors]]:
    """An index over two blocks with a thousand rows, and these."""
    blocks = [random_vectors(400), random_vectors(600, seed=1)]
    return build_index(blocks, name), blocks


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_only_allowed_rows_are_found(
    in_two: tuple[VectorIndex, list[Vectors]], share: float
) -> None:
    index, blocks = in_two
    allow = np.zeros(1000, np.bool_)
    allow[np.random.default_rng(4).permutation(1000)[: round(1000 * share)]] = True
    for k in (1, 5, 300, 2000):
        query = random_vectors(1, seed=k)[0]
        assert_true(index.search(query[None], k, allow)[0], blocks, query, k, allow)


@pytest.mark.parametrize("blocks", [[], [np.zeros((0, 32), np.float32)]])
def test_an_empty_gallery_has_no_neighbours(name: str, blocks: list[Vectors]) -> None:
    index = build_index(blocks, name)
    assert index.rows == 0
    assert index.search(random_vectors(2), 5) == [[], []]


@pytest.mark.parametrize("copies", [2, 20, 300])
def test_ties_come_by_row_and_equal_vectors_at_zero(name: str, copies: int) -> None:
    vectors = random_vectors(400, seed=5)
    same = np.sort(np.random.default_rng(6).permutation(400)[:copies])
    vectors[same] = vectors[same[0]]
    index = build_index([vectors[:150], vectors[150:]], name)
    (found,) = index.search(vectors[same[:1]], 10)
    assert found[: min(10, copies)] == [Neighbour(row, 0.0) for row in same[:10].tolist()]
    nearby = vectors[same[0]] + np.float32(0.01)
    assert_true(index.search(nearby[None], 10)[0], [vectors], nearby, 10)
    allow = np.ones(400, np.bool_)
    allow[same[0]] = False
    (found,) = index.search(vectors[same[:1]], 1, allow)
    assert found == [Neighbour(int(same[1]), 0.0)]


def test_hardly_different_vectors_come_in_their_true_order(name: str) -> None:
    centre = random_vectors(1, 256)
    blocks = [centre + random_vectors(300, 256, seed=1) * np.float32(1e-4)]
    index = build_index(blocks, name)
    query = centre[0] + random_vectors(1, 256, seed=2)[0] * np.float32(0.1)
    assert_true(index.search(query[None], 10)[0], blocks, query, 10)


def test_large_vectors_close_together_are_told_apart(name: str) -> None:
    centre = np.full(32, 1000, np.float32)
    blocks = [centre + random_vectors(800, seed=7)]
    index = build_index(blocks, name)
    for query in centre + random_vectors(5, seed=8):
        assert_true(index.search(query[None], 20)[0], blocks, query, 20)
    assert index.search(blocks[0][31:32], 1) == [[Neighbour(31, 0.0)]]


def test_vectors_of_very_different_length_are_ranked(name: str) -> None:
    scales = np.logspace(-4, 4, 500, dtype=np.float32)[:, None]
    blocks = [random_vectors(500, seed=3) * scales]
    index = build_index(blocks, name)
    for row in (0, 250, 499):
        query = blocks[0][row] * np.float32(1.01)
        assert_true(index.search(query[None], 15)[0], blocks, query, 15)


def test_any_memory_layout_will_do(name: str, tmp_path: Path) -> None:
    vectors = random_vectors(300)
    np.save(tmp_path / "block.npy", vectors[:100])
    wide = np.zeros((100, 64), np.float32)
    wide[:, ::2] = vectors[100:200]
    blocks = [
        np.load(tmp_path / "block.npy", mmap_mode="r"),
        wide[:, ::2],
        np.asfortranarray(vectors[200:]),
    ]
    index = build_index(blocks, name)
    queries = np.asfortranarray(random_vectors(3, seed=1))
    for query, found in zip(queries, index.search(queries, 20), strict=True):
        assert_true(found, [vectors], query, 20)


def test_searching_changes_nothing(name: str) -> None:
    vectors = random_vectors(50)
    before = vectors.copy()
    index: VectorIndex = build_index([vectors], name)
    query = random_vectors(1, seed=1)
    assert index.search(query, 5) == index.search(query, 5)
    np.testing.assert_array_equal(vectors, before)


def test_the_name_is_known_and_others_are_not(name: str) -> None:
    with pytest.raises(InvalidQueryError, match=name):
        build_index([], f"{name}-2")


def test_thousands_of_rows_that_are_all_about_as_far_are_ranked_truly(name: str) -> None:
    blocks = [random_vectors(3000, 256), random_vectors(2500, 256, seed=1)]
    blocks[1][1200] = blocks[0][100]  # ties, far apart in the gallery
    blocks[0][2900] = blocks[0][100]
    index = build_index(blocks, name)
    for query in [*random_vectors(3, 256, seed=2), blocks[0][100]]:
        (found,) = index.search(query[None], 12)
        assert_true(found, blocks, query, 12)
    assert [near.row for near in found[:3]] == [100, 2900, 4200]


@pytest.mark.parametrize("scale", [1e-24, 1e-12, 1e12])
def test_vectors_so_short_or_long_that_squares_suffer_are_ranked(name: str, scale: float) -> None:
    vectors = (random_vectors(30, 16).astype(np.float64) * scale).astype(np.float32)
    (found,) = build_index([vectors], name).search(vectors[7][None], 5)
    rows, distances = brute_force([vectors], vectors[7], 5)
    assert [near.row for near in found] == rows
    np.testing.assert_allclose([near.distance for near in found], distances, rtol=1e-6)


@pytest.fixture(scope="module")
def crowd() -> tuple[Vectors, Vectors]:
    """A gallery that is large enough for every engine, and queries: clustered, of 32 numbers."""
    random = np.random.default_rng(11)
    centres = random.normal(size=(500, 32))
    points = centres[random.integers(500, size=22_040)] + 0.5 * random.normal(size=(22_040, 32))
    points = points.astype(np.float32)
    return points[:22_000], points[22_000:]


@pytest.fixture(scope="module")
def large(name: str, crowd: tuple[Vectors, Vectors]) -> VectorIndex:
    """The index over the crowd, in two blocks."""
    return build_index([crowd[0][:15_000], crowd[0][15_000:]], name)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_a_large_gallery_is_searched_truly(
    large: VectorIndex, crowd: tuple[Vectors, Vectors], share: float
) -> None:
    vectors, queries = crowd
    allow = np.zeros(len(vectors), np.bool_)
    allow[np.random.default_rng(5).permutation(len(vectors))[: round(len(vectors) * share)]] = True
    hits = 0
    for query, found in zip(queries, large.search(queries, 20, allow), strict=True):
        rows, _ = brute_force([vectors], query, 20, allow)
        assert len(found) == len({near.row for near in found}) == len(rows)
        assert all(allow[near.row] for near in found)
        assert found == sorted(found, key=lambda near: (near.distance, near.row))
        true = [float(np.linalg.norm(vectors[n.row].astype(np.float64) - query)) for n in found]
        np.testing.assert_allclose([near.distance for near in found], true, rtol=1e-6)
        hits += len({near.row for near in found} & set(rows))
    assert hits >= 0.99 * 20 * len(queries)


@pytest.mark.slow
def test_more_neighbours_than_there_are_come_all(
    large: VectorIndex, crowd: tuple[Vectors, Vectors]
) -> None:
    (found,) = large.search(crowd[1][:1], 50_000)
    assert sorted(near.row for near in found) == list(range(22_000))


@pytest.mark.slow
def test_a_row_of_a_large_gallery_finds_itself(
    large: VectorIndex, crowd: tuple[Vectors, Vectors]
) -> None:
    rows = range(0, 22_000, 500)
    assert large.search(crowd[0][rows], 1) == [[Neighbour(row, 0.0)] for row in rows]
