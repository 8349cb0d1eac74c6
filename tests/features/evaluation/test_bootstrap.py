"""Intervals that know which pictures belong together."""

import numpy as np
import pytest

from features.evaluation.bootstrap import Estimate, mean_estimates


def estimate(values: list[float], owners: list[str]) -> Estimate:
    (found,) = mean_estimates(np.array(values)[:, None], owners)
    assert found is not None
    return found


def test_the_value_is_the_mean_and_lies_within_its_interval() -> None:
    found = estimate([1, 0, 1, 1], ["a", "b", "c", "d"])
    assert found.value == 0.75
    assert 0 <= found.low < found.value < found.high <= 1


def test_an_interval_of_independent_cases_is_the_one_of_the_textbook() -> None:
    values = (np.random.default_rng(0).random(400) < 0.6).astype(float)
    found = estimate(values.tolist(), [str(n) for n in range(400)])
    half = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - half, abs=0.01)
    assert found.high == pytest.approx(values.mean() + half, abs=0.01)


def test_copies_of_a_product_s_picture_tell_nothing_more() -> None:
    values, owners = [1.0, 0.0] * 10, [str(n) for n in range(20)]
    once, often = estimate(values, owners), estimate(values * 50, owners * 50)
    assert (often.low, often.high) == (once.low, once.high)
    alone = estimate(values * 50, [str(n) for n in range(1_000)])
    assert alone.high - alone.low < (often.high - often.low) / 5


def test_what_says_nothing_does_not_count() -> None:
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [0.0, np.nan]])
    first, second = mean_estimates(values, ["a", "b", "c"])
    assert first is not None
    assert first.value == 0.5
    assert second is None


def test_the_interval_is_the_same_every_time() -> None:
    assert estimate([1, 0, 1], ["a", "b", "c"]) == estimate([1, 0, 1], ["a", "b", "c"])
