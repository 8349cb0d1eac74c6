"""How well a store answers: recall@k and category accuracy over photos with known answers."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from features.detection import Detector, ItemFinder
from features.errors import InvalidPictureError, InvalidQueryError, QueriesError
from features.evaluation.queries import Choice, LabelledQuery, known_box
from features.images import read_picture
from features.search import SearchService
from features.types import Box, Query, SearchResult, Wanted

_DEPTH = 5
_WANTED = Wanted(limit=_DEPTH)


@dataclass(frozen=True)
class Evaluation:
    """Shares are from 0 to 1; `category_at_1` is None where the queries name no category."""

    queries: int
    recall_at_1: float
    recall_at_5: float
    category_at_1: float | None
    ms_median: float
    ms_p95: float


def found_item(service: SearchService, detector: Detector) -> Choice:
    """What a shopper gets at once; or taps, where a box is known: the found item nearest to it."""
    finder = ItemFinder(lambda: detector)

    def choose(query: LabelledQuery, photo: bytes) -> Box:
        items = finder.find(photo)[0].items
        if query.box is not None:
            return max((item.box for item in items), key=query.box.overlap)
        return items[service.most_promising(photo, items).item].box

    return choose


def evaluate(
    service: SearchService,
    queries: Iterable[LabelledQuery],
    on_query: Callable[[], None] = lambda: None,
    choose: Choice = known_box,
) -> Evaluation:
    """Search every photo; time is wall time from its bytes to the answer, the choice included.

    Raises:
        QueriesError: there are no queries, or a photo or its box cannot be used.
    """
    first, within, categories, milliseconds = [], [], [], []
    for query in queries:
        photo = read_picture(query.path)
        started = time.perf_counter()
        try:
            result = service.search(Query(photo, choose(query, photo)), _WANTED)
        except (InvalidPictureError, InvalidQueryError) as error:
            raise QueriesError(f"{query.path}: {error}") from error
        milliseconds.append((time.perf_counter() - started) * 1000)
        found = [hit.product.id for hit in result.hits]
        first.append(query.product_id in found[:1])
        within.append(query.product_id in found)
        if query.category:
            categories.append(_has_category(result, query.category))
        on_query()
    if not first:
        raise QueriesError("there are no queries to measure with")
    return Evaluation(
        queries=len(first),
        recall_at_1=float(np.mean(first)),
        recall_at_5=float(np.mean(within)),
        category_at_1=float(np.mean(categories)) if categories else None,
        ms_median=float(np.median(milliseconds)),
        ms_p95=float(np.percentile(milliseconds, 95)),
    )


def _has_category(result: SearchResult, category: str) -> bool:
    return bool(result.hits) and result.hits[0].product.category == category
