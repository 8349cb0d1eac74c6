"""Several rankings as one."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from features.search import fuse


def best_of(rankings: Sequence[Sequence[str]], **options: int) -> str:
    return next(iter(fuse(rankings, **options)))


def test_a_score_is_the_sum_of_reciprocal_places() -> None:
    assert fuse([["a", "b"], ["b"]]) == {
        "b": pytest.approx(1 / 62 + 1 / 61),
        "a": pytest.approx(1 / 61),
    }


def test_one_ranking_stays_as_it_is() -> None:
    assert list(fuse([["b", "a", "c"]])) == ["b", "a", "c"]


def test_what_two_rankings_have_comes_before_what_one_has() -> None:
    assert best_of([["a", "b", "c"], ["d", "c", "e"]]) == "c"


def test_a_place_counts_less_the_further_down_it_is() -> None:
    # 1/61 + 1/64 = 0.03202 against twice 1/62 = 0.03226.
    assert list(fuse([["a", "b"], ["x", "b", "y", "a"]]))[:2] == ["b", "a"]


def test_a_small_k_favours_first_places() -> None:
    rankings = [["a", "b"], ["x", "b", "y", "a"]]
    # 1/1 + 1/4 against twice 1/2, where k is 0.
    assert best_of(rankings, k=0) == "a"


def test_ties_go_to_the_best_place_and_then_to_the_earlier_ranking() -> None:
    assert list(fuse([["a"], ["b"]])) == ["a", "b"]
    assert list(fuse([["a", "b"], ["b", "a"]])) == ["a", "b"]


def test_something_named_twice_in_a_ranking_counts_once_by_its_better_place() -> None:
    assert list(fuse([["a", "b", "a", "c"]])) == ["a", "b", "c"]


def test_the_order_of_more_than_two_rankings_makes_no_difference_without_ties() -> None:
    rankings = [["a", "b", "c"], ["b", "c", "d"], ["b", "a"]]
    assert {tuple(fuse(order)) for order in permutations(rankings)} == {("b", "a", "c", "d")}


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_nothing_ranked_is_nothing_found(rankings: list[list[str]]) -> None:
    assert fuse(rankings) == {}
