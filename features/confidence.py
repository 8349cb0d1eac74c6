"""What a store's similarities are worth: whether they tell what it sells from what it does not.

Photos with known answers play both. With its product in the store, a photo is of something sold;
with that product left out, and then with all of its category left out, of something that is not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.errors import QueriesError
from features.evaluation import Choice, Estimate, LabelledQuery, known_box, query_vector
from features.index import build_index
from features.search import SearchService
from features.types import RowMask, Vectors

_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)  # percentiles of the draws

Similarities = NDArray[np.float64]
"""Shape (queries,); NaN where a query says nothing."""


@dataclass(frozen=True)
class Confidence:
    """Shares are from 0 to 1; None where no photo can tell.

    An `auc` is the chance that a photo of something sold has a more similar first answer than one
    of something that is not: 0.5 tells nothing, 1 tells all.
    """

    queries: int
    sold: int
    """Photos whose product the store has."""
    threshold: float
    right_above_threshold: Estimate | None
    """Of the sold: the right product, wherever it ranks, is at or above the threshold."""
    first_confident: Estimate | None
    """Of the sold: the first answer is, right or wrong."""
    refused_product_left_out: Estimate | None
    refused_category_left_out: Estimate | None
    auc_product_left_out: Estimate | None
    auc_category_left_out: Estimate | None


@dataclass(frozen=True)
class _Answers:
    """The greatest similarity of each query: to its own product, and to whatever is first."""

    right: Similarities
    first: Similarities
    product_left_out: Similarities
    category_left_out: Similarities

    def drawn(self, chosen: NDArray[np.int64]) -> "_Answers":
        return _Answers(*(values[chosen] for values in vars(self).values()))


def measure_confidence(
    service: SearchService,
    queries: Iterable[LabelledQuery],
    on_query: Callable[[], None] = lambda: None,
    choose: Choice = known_box,
) -> Confidence:
    """Search every photo as it is, with its product left out, and with its category left out.

    A photo whose product the store does not have counts as one of something that is not sold.

    Raises:
        QueriesError: there are no queries, or a photo or its box cannot be used.
    """
    store = _Store(service)
    rows = []
    for query in queries:
        rows.append(store.answers(query, query_vector(service.extractor, query, choose)))
        on_query()
    if not rows:
        raise QueriesError("there are no queries to measure with")
    answers = _Answers(*np.array(rows, dtype=np.float64).T)
    return _figures(answers, service.calibration.threshold)


class _Store:
    """One version of a store, and the nearest rows among any of its rows."""

    def __init__(self, service: SearchService) -> None:
        self._view = service.view
        self._similarity = service.calibration.similarity
        self._index = build_index(self._view.blocks)
        self._categories = _rows_by_category(service)

    def answers(self, query: LabelledQuery, vector: Vectors) -> tuple[float, ...]:
        """One row of `_Answers`, in its order."""
        own = self._view.rows_of(query.product_id)
        category = self._category(query)
        alike = [*own, *self._categories[category]] if category in self._categories else []
        return (
            self._greatest(vector, self._only(own)),
            self._greatest(vector, self._view.live) if own else np.nan,
            self._greatest(vector, self._without(own)),
            self._greatest(vector, self._without(alike)) if alike else np.nan,
        )

    def _category(self, query: LabelledQuery) -> str:
        """That of the store's own product, for queries need not name one."""
        product = self._view.products.get(query.product_id)
        return query.category if product is None else product.category

    def _greatest(self, vector: Vectors, allow: RowMask) -> float:
        (found,) = self._index.search(vector[None], 1, allow)
        return self._similarity(found[0].distance) if found else np.nan

    def _only(self, rows: Sequence[int]) -> RowMask:
        mask = np.zeros_like(self._view.live)
        mask[rows] = True
        return mask

    def _without(self, rows: Sequence[int]) -> RowMask:
        mask = self._view.live.copy()
        mask[rows] = False
        return mask


def _rows_by_category(service: SearchService) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for product in service.view.products.values():
        if product.category:
            found.setdefault(product.category, []).extend(service.view.rows_of(product.id))
    return found


def _figures(answers: _Answers, threshold: float) -> Confidence:
    random = np.random.default_rng(0)
    queries = len(answers.right)
    draws = [answers.drawn(random.integers(queries, size=queries)) for _ in range(_DRAWS)]

    def estimate(measure: Callable[[_Answers], float]) -> Estimate | None:
        value = measure(answers)
        return None if np.isnan(value) else _estimate(value, [measure(draw) for draw in draws])

    return Confidence(
        queries=queries,
        sold=int(np.isfinite(answers.first).sum()),
        threshold=threshold,
        right_above_threshold=estimate(lambda a: _share(a.right, lambda s: s >= threshold)),
        first_confident=estimate(lambda a: _share(a.first, lambda s: s >= threshold)),
        refused_product_left_out=estimate(
            lambda a: _share(a.product_left_out, lambda s: s < threshold)
        ),
        refused_category_left_out=estimate(
            lambda a: _share(a.category_left_out, lambda s: s < threshold)
        ),
        auc_product_left_out=estimate(lambda a: area_under_roc(a.first, a.product_left_out)),
        auc_category_left_out=estimate(lambda a: area_under_roc(a.first, a.category_left_out)),
    )


def area_under_roc(higher: Similarities, lower: Similarities) -> float:
    """The chance that one of `higher` is above one of `lower`; ties count half. NaNs do not count.

    The rank statistic of Mann and Whitney: exact, no curve is drawn. NaN where a side is empty.
    """
    higher, lower = (np.sort(values[np.isfinite(values)]) for values in (higher, lower))
    if not len(higher) or not len(lower):
        return np.nan
    below = np.searchsorted(lower, higher, side="left")
    up_to = np.searchsorted(lower, higher, side="right")
    return float((below + up_to).mean() / (2 * len(lower)))


def _share(values: Similarities, meets: Callable[[Similarities], NDArray[np.bool_]]) -> float:
    known = values[np.isfinite(values)]
    return float(meets(known).mean()) if len(known) else np.nan


def _estimate(value: float, drawn: Sequence[float]) -> Estimate:
    low, high = np.nanpercentile(drawn, _INTERVAL)
    return Estimate(value, float(low), float(high))
