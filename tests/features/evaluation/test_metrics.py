"""Figures of many answers."""

from pathlib import Path

import pytest

from features.evaluation import Outcome, failures, measure, worst_categories
from features.evaluation.metrics import METRICS
from tests.features.evaluation.line import asked, line


@pytest.fixture
def outcomes(tmp_path: Path) -> list[Outcome]:
    """Twelve products on a line, each asked for from the place of the first."""
    names = "abcdefghijkl"
    rows = [(name, name, float(place)) for place, name in enumerate(names)]
    categories = {name: "Food > Tea" if name < "g" else "Food > Rice" for name in names}
    view = line(tmp_path, *rows, **categories)
    return [asked(view, name, 0) for name in names]


def value(outcomes: list[Outcome], metric: str) -> float:
    estimate = measure(outcomes).metrics[metric]
    assert estimate is not None
    return estimate.value


def test_recall_counts_the_right_product_among_the_first(outcomes: list[Outcome]) -> None:
    shares = [value(outcomes, f"recall@{depth}") for depth in (1, 5, 10)]
    assert shares == pytest.approx([1 / 12, 5 / 12, 10 / 12])


def test_with_one_picture_each_precision_is_one_over_the_rank(outcomes: list[Outcome]) -> None:
    assert value(outcomes, "mAP") == pytest.approx(sum(1 / n for n in range(1, 13)) / 12)


def test_a_category_may_be_right_on_its_first_step_only(outcomes: list[Outcome]) -> None:
    assert value(outcomes, "category@1") == pytest.approx(6 / 12)
    assert value(outcomes, "first_step@1") == 1


def test_without_categories_there_is_no_category_accuracy(tmp_path: Path) -> None:
    figures = measure([asked(line(tmp_path, ("a", "1", 0)), "a", 0)])
    assert figures.metrics["category@1"] is None
    assert set(figures.metrics) == set(METRICS)


def test_the_worst_categories_come_first_and_small_ones_not_at_all(
    outcomes: list[Outcome],
) -> None:
    worst = worst_categories(outcomes)
    assert [(one.category, one.recall_at_1) for one in worst] == [
        ("Food > Rice", 0),
        ("Food > Tea", pytest.approx(1 / 6)),
    ]
    assert [(one.pictures, one.products) for one in worst] == [(6, 6), (6, 6)]
    assert worst_categories(outcomes, least=7) == []
    assert worst_categories(outcomes[:1] * 5) == []


def test_failures_come_worst_first(outcomes: list[Outcome]) -> None:
    assert [one.rank for one in failures(outcomes, 3)] == [12, 11, 10]
    assert len(failures(outcomes, 100)) == 11
