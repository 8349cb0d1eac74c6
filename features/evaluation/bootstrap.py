"""Between what a mean would fall with other products of the kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)  # percentiles of the draws


@dataclass(frozen=True)
class Estimate:
    """A figure, and between what it would fall with others of the kind, 19 times in 20.

    The interval is a bootstrap, over photos or over products as its maker says. Where every case
    is alike it has no width, which says little where there are few.
    """

    value: float
    low: float
    high: float


def mean_estimates(
    values: NDArray[np.float64], owners: Sequence[str], seed: int = 0
) -> list[Estimate | None]:
    """The mean of each column, with a bootstrap over the owners of its rows.

    Whole owners are drawn, with all their rows: the pictures of one product are alike. All columns
    share the draws. The mean of paired differences is thus the paired difference of the means.

    Args:
        values: shape (cases, columns); NaN where a case says nothing.
        owners: the product of each case.

    Returns:
        One for each column; None where no case says anything.
    """
    _, numbers = np.unique(np.asarray(owners, dtype=np.str_), return_inverse=True)
    known = np.isfinite(values)
    sums = _by_owner(np.where(known, values, 0.0), numbers)
    counts = _by_owner(known.astype(np.float64), numbers)
    drawn = _drawn_means(sums, counts, np.random.default_rng(seed))
    return [
        _estimate(float(total / count), draws) if count else None
        for total, count, draws in zip(sums.sum(0), counts.sum(0), drawn.T, strict=True)
    ]


def _by_owner(values: NDArray[np.float64], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sums over the rows of each owner: shape (owners, columns)."""
    sums = np.zeros((int(numbers.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, numbers, values)
    return sums


def _drawn_means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (draws, columns); NaN where a draw has no case that says anything."""
    owners = len(sums)
    means = np.full((_DRAWS, sums.shape[1]), np.nan)
    for mean in means:
        times = np.bincount(random.integers(owners, size=owners), minlength=owners)
        count = times @ counts
        np.divide(times @ sums, count, out=mean, where=count > 0)
    return means


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.nanpercentile(drawn, _INTERVAL)
    return Estimate(value, float(low), float(high))
