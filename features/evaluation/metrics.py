"""Figures of many answers: recall, mean average precision, category accuracy, the worst places."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.evaluation.bootstrap import Estimate, mean_estimates
from features.evaluation.outcomes import Outcome
from features.filters.fields import category_steps
from features.filters.spelling import as_compared

Metric = Callable[[Outcome], float]
"""What one picture adds to a mean; NaN where it says nothing."""


@dataclass(frozen=True)
class Figures:
    """Means over pictures, from 0 to 1, by the names in `METRICS`; None where no picture tells.

    The intervals are bootstraps over products.
    """

    pictures: int
    products: int
    metrics: Mapping[str, Estimate | None]


@dataclass(frozen=True)
class CategoryFigures:
    """How often the pictures of one category find their product first."""

    category: str
    pictures: int
    products: int
    recall_at_1: float


def measure(outcomes: Sequence[Outcome]) -> Figures:
    """All metrics of some answers."""
    owners = [outcome.probe.product_id for outcome in outcomes]
    estimates = mean_estimates(metric_values(outcomes), owners)
    return Figures(len(owners), len(set(owners)), dict(zip(METRICS, estimates, strict=True)))


def metric_values(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Shape (outcomes, metrics)."""
    values = [[metric(outcome) for metric in METRICS.values()] for outcome in outcomes]
    return np.array(values, dtype=np.float64).reshape(len(outcomes), len(METRICS))


def worst_categories(
    outcomes: Sequence[Outcome], count: int = 10, least: int = 5
) -> list[CategoryFigures]:
    """The categories with the lowest recall@1, of those with at least so many pictures.

    Categories where nothing is wrong are not among them.
    """
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.category:
            found[outcome.category].append(outcome)
    figures = [_of_category(name, some) for name, some in found.items() if len(some) >= least]
    wrong = [one for one in figures if one.recall_at_1 < 1]
    return sorted(wrong, key=lambda one: (one.recall_at_1, -one.pictures, one.category))[:count]


def failures(outcomes: Sequence[Outcome], count: int) -> list[Outcome]:
    """The pictures that do not find their product first, those farthest from it before others."""
    wrong = [outcome for outcome in outcomes if outcome.rank != 1]
    return sorted(wrong, key=_farthest_first)[:count]


def _farthest_first(outcome: Outcome) -> tuple[float, str, str]:
    rank = np.inf if outcome.rank is None else outcome.rank
    return -rank, outcome.probe.product_id, outcome.probe.content_hash


def _of_category(name: str, outcomes: Sequence[Outcome]) -> CategoryFigures:
    return CategoryFigures(
        name,
        len(outcomes),
        len({outcome.probe.product_id for outcome in outcomes}),
        float(np.mean([outcome.rank == 1 for outcome in outcomes])),
    )


def _recall(depth: int) -> Metric:
    return lambda outcome: float(outcome.rank is not None and outcome.rank <= depth)


def _category_accuracy(depth: int | None) -> Metric:
    """Whether the first product is of the right category, compared down to a step."""

    def metric(outcome: Outcome) -> float:
        right = _steps(outcome.category)[:depth]
        if not right:
            return np.nan
        return float(bool(outcome.found) and _found_steps(outcome)[:depth] == right)

    return metric


def _found_steps(outcome: Outcome) -> list[str]:
    return _steps(outcome.found[0].product.category)


def _steps(category: str) -> list[str]:
    return [as_compared(step) for step in category_steps(category)]


METRICS: Mapping[str, Metric] = {
    "recall@1": _recall(1),
    "recall@5": _recall(5),
    "recall@10": _recall(10),
    "mAP": lambda outcome: outcome.average_precision,
    "category@1": _category_accuracy(None),
    "first_step@1": _category_accuracy(1),
}
