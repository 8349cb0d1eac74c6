"""How well a store answers: recall@k and category accuracy over photos with known answers."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.catalog import locate
from features.catalog.table import TableRow, open_table
from features.errors import InvalidPictureError, QueriesError, RowError
from features.images import read_picture
from features.search import SearchService
from features.types import Query, SearchResult

_DEPTH = 5


@dataclass(frozen=True)
class LabelledQuery:
    """A photo and the product that it shows."""

    path: Path
    product_id: str
    category: str


@dataclass(frozen=True)
class Evaluation:
    """Shares are from 0 to 1; `category_at_1` is None where the queries name no category."""

    queries: int
    recall_at_1: float
    recall_at_5: float
    category_at_1: float | None
    ms_median: float
    ms_p95: float


def read_queries(path: Path) -> list[LabelledQuery]:
    """The rows of a CSV with the columns `image,product_id[,category]`, paths beside the file.

    Raises:
        QueriesError: a column is missing, a row is bad, or there are no rows.
    """
    if not path.is_file():
        raise QueriesError(f"there is no query file {path}")
    table = open_table(path)
    missing = {"image", "product_id"} - set(table.columns)
    if missing:
        raise QueriesError(
            f"{path} lacks the column {sorted(missing)[0]!r}; "
            "queries have the columns image,product_id[,category]"
        )
    queries = [_query(row, path.parent) for row in table.rows()]
    if not queries:
        raise QueriesError(f"{path} has no rows")
    return queries


def evaluate(
    service: SearchService,
    queries: Iterable[LabelledQuery],
    on_query: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Search every photo; time is wall time from the photo's bytes to the answer.

    Raises:
        QueriesError: there are no queries, or a photo cannot be used.
    """
    first, within, categories, milliseconds = [], [], [], []
    for query in queries:
        photo = read_picture(query.path)
        started = time.perf_counter()
        try:
            result = service.search(Query(photo, limit=_DEPTH))
        except InvalidPictureError as error:
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


def _query(row: TableRow | RowError, folder: Path) -> LabelledQuery:
    if isinstance(row, RowError):
        raise QueriesError(str(row)) from row
    image, product_id = row.cell("image"), row.cell("product_id")
    if not image or not product_id:
        raise QueriesError(f"line {row.line}: a query needs image and product_id")
    return LabelledQuery(locate(folder, image), product_id, row.cell("category"))


def _has_category(result: SearchResult, category: str) -> bool:
    return bool(result.hits) and result.hits[0].product.category == category
