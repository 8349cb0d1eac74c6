"""Arithmetic on vectors, beside the same done one by one."""

import numpy as np
import pytest

from features.types import Vectors
from features.vectors import mean_of, squared_distances, unit

RANDOM = np.random.default_rng(0)
VECTORS: Vectors = RANDOM.standard_normal((20, 1_472), dtype=np.float32)


def test_rows_become_of_length_one() -> None:
    np.testing.assert_allclose(np.linalg.norm(unit(VECTORS), axis=1), 1, rtol=1e-6)


def test_a_row_of_zeros_stays_as_it_is() -> None:
    assert not unit(np.zeros((1, 8), np.float32)).any()


def test_a_row_becomes_the_same_alone_and_among_others() -> None:
    together = unit(VECTORS)
    for row in range(len(VECTORS)):
        np.testing.assert_array_equal(unit(VECTORS[row : row + 1])[0], together[row])


def test_a_mean_has_length_one_where_vectors_do() -> None:
    plain = VECTORS.mean(axis=0)
    np.testing.assert_allclose(mean_of(VECTORS, normalized=False), plain, atol=1e-6)
    expected = plain / np.linalg.norm(plain)
    np.testing.assert_allclose(mean_of(VECTORS, normalized=True), expected, atol=1e-6)


def test_a_vector_alone_is_its_own_mean() -> None:
    np.testing.assert_array_equal(mean_of(VECTORS[:1], normalized=True), VECTORS[0])


def test_a_mean_may_weigh() -> None:
    mean = mean_of(VECTORS[:2], normalized=False, weights=[0.25, 0.75])
    np.testing.assert_allclose(mean, 0.25 * VECTORS[0] + 0.75 * VECTORS[1], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distances_are_as_precise_as_the_vectors(dtype: type) -> None:
    ones, others = VECTORS[:5].astype(dtype), VECTORS.astype(dtype)
    found = squared_distances(ones, others)
    true = np.linalg.norm(ones[:, None].astype(float) - others[None], axis=2) ** 2
    assert found.dtype == dtype
    np.testing.assert_allclose(found, true, atol=VECTORS.shape[1] * 16 * np.finfo(dtype).eps)


def test_no_distance_is_below_zero() -> None:
    assert squared_distances(VECTORS, VECTORS).min() >= 0
