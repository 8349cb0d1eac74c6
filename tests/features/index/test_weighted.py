"""An index by weighted vectors: exact up to some size, and a short list of the nearest beyond."""

import numpy as np
import pytest
from numpy.typing import NDArray

from features.index import build_index
from features.index.weighted import SHORT_LIST, WHOLE, WeightedIndex
from features.parts import weighted
from features.types import RowMask, Vectors

WEIGHTS = np.repeat(np.array([1, 3, 0], np.float32), [12, 8, 4])


def vectors(count: int, seed: int = 0) -> Vectors:
    found = np.random.default_rng(seed).normal(size=(count, len(WEIGHTS)))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def index_of(*blocks: Vectors) -> WeightedIndex:
    return WeightedIndex(build_index(blocks, "exact"), blocks, WEIGHTS)


def true_distances(gallery: Vectors, query: Vectors) -> NDArray[np.float64]:
    one, other = (found.astype(np.float64) * WEIGHTS for found in (gallery, query[None]))
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    found: NDArray[np.float64] = np.linalg.norm(one - other, axis=1)
    return found


@pytest.mark.parametrize("k", [1, 20, 700, 2_000])
@pytest.mark.parametrize("share", [None, 0.0, 0.05, 0.6])
def test_it_is_brute_force_with_the_weights(k: int, share: float | None) -> None:
    blocks = [vectors(300), vectors(0), vectors(500, seed=1)]
    allow = None if share is None else np.random.default_rng(2).random(800) < share
    allowed = np.arange(800) if allow is None else np.flatnonzero(allow)
    for query in vectors(4, seed=3):
        (found,) = index_of(*blocks).search(query[None], k, allow)
        distances = true_distances(np.concatenate(blocks), query)
        assert [near.row for near in found] == allowed[
            np.lexsort((allowed, distances[allowed]))
        ].tolist()[:k]
        np.testing.assert_allclose(
            [near.distance for near in found], distances[[near.row for near in found]], atol=1e-6
        )


def test_the_weights_change_the_order() -> None:
    gallery, query = vectors(200), vectors(1, seed=4)
    plain = build_index([gallery], "exact").search(query, 10)
    assert index_of(gallery).search(query, 10) != plain


def test_an_equal_vector_has_distance_zero_wherever_it_lies() -> None:
    gallery = vectors(700)
    index = index_of(gallery[:300], gallery[300:])
    for row in range(0, 700, 7):
        (nearest,) = index.search(gallery[row : row + 1], 1)[0]
        assert (nearest.row, nearest.distance) == (row, 0.0)


def test_vectors_that_nothing_is_left_of_are_neither_near_nor_an_error() -> None:
    blank = np.zeros((2, len(WEIGHTS)), np.float32)
    blank[:, -1] = 1  # where the weights are 0
    gallery = np.concatenate([blank, vectors(50)])
    distances = {near.row: near.distance for near in index_of(gallery).search(gallery[9:10], 52)[0]}
    assert len(distances) == 52
    assert distances[0] == distances[1] == pytest.approx(1)
    assert {near.row for near in index_of(gallery).search(blank[:1], 2)[0]} == {0, 1}


def test_a_gallery_without_rows_finds_nothing() -> None:
    assert index_of(vectors(0)).search(vectors(1), 5) == [[]]


@pytest.mark.parametrize("only_even", [False, True])
def test_of_many_rows_the_nearest_without_weights_are_ranked_by_them(only_even: bool) -> None:
    gallery, query = vectors(WHOLE + 1), vectors(1, seed=5)
    allow: RowMask | None = np.arange(WHOLE + 1) % 2 == 0 if only_even else None
    index = index_of(gallery)
    plain = build_index([gallery], "exact").search(query, SHORT_LIST, allow)[0]
    short = np.array([near.row for near in plain])
    distances = true_distances(gallery, query[0])
    (found,) = index.search(query, 30, allow)
    assert [near.row for near in found] == short[np.argsort(distances[short])][:30].tolist()
    np.testing.assert_allclose(
        [near.distance for near in found], distances[[near.row for near in found]], atol=1e-6
    )


def test_more_rows_than_the_short_list_has_are_found_when_they_are_wanted() -> None:
    gallery = vectors(WHOLE + 1)
    (found,) = index_of(gallery).search(gallery[:1], 3 * SHORT_LIST)
    assert len({near.row for near in found}) == 3 * SHORT_LIST
    assert found[0].distance == 0


def test_queries_weigh_alike_alone_and_together() -> None:
    gallery = vectors(40)
    together = weighted(gallery, WEIGHTS)
    for row in range(40):
        np.testing.assert_array_equal(weighted(gallery[row : row + 1], WEIGHTS)[0], together[row])
