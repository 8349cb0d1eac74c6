"""How well a store answers: recall@k and category accuracy over photos with known answers."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.catalog.feed import FeedFile
from features.catalog.table import TableRow, open_table
from features.detection import Detector, ItemFinder
from features.errors import InvalidPictureError, InvalidQueryError, QueriesError, RowError
from features.images import read_picture
from features.pictures import locate
from features.search import SearchService
from features.types import Box, Query, SearchResult, Wanted

_DEPTH = 5
_WANTED = Wanted(limit=_DEPTH)
_SIDES = ("x1", "y1", "x2", "y2")
_COLUMNS = "image,product_id[,category][,x1,y1,x2,y2]"


@dataclass(frozen=True)
class LabelledQuery:
    """A photo, the product that it shows, and where, if that is known."""

    path: Path
    product_id: str
    category: str
    box: Box | None = None


Choice = Callable[[LabelledQuery, bytes], Box | None]
"""What part of a query's photo (its bytes) to search with; None is the whole photo."""


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
    """The rows of a CSV `image,product_id[,category][,x1,y1,x2,y2]`, paths beside the file.

    A row has all four sides of a box, as shares of the photo from 0 to 1, or none.

    Raises:
        QueriesError: a column is missing, a row is bad, or there are no rows.
    """
    if not path.is_file():
        raise QueriesError(f"there is no query file {path}")
    table = open_table(FeedFile.at(path))
    missing = {"image", "product_id"} - set(table.columns)
    if missing:
        raise QueriesError(
            f"{path} lacks the column {sorted(missing)[0]!r}; queries have the columns {_COLUMNS}"
        )
    queries = [_query(row, path.parent) for row in table.rows()]
    if not queries:
        raise QueriesError(f"{path} has no rows")
    return queries


def known_box(query: LabelledQuery, photo: bytes) -> Box | None:
    """The box that the query names."""
    return query.box


def whole_photo(query: LabelledQuery, photo: bytes) -> Box | None:
    """Everything, whatever the query names."""
    return None


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


def _query(row: TableRow | RowError, folder: Path) -> LabelledQuery:
    if isinstance(row, RowError):
        raise QueriesError(str(row)) from row
    image, product_id = row.cell("image"), row.cell("product_id")
    if not image or not product_id:
        raise QueriesError(f"line {row.line}: a query needs image and product_id")
    return LabelledQuery(locate(folder, image), product_id, row.cell("category"), _box(row))


def _box(row: TableRow) -> Box | None:
    cells = [row.cell(side) for side in _SIDES]
    if not any(cells):
        return None
    if not all(cells):
        raise QueriesError(f"line {row.line}: a box needs all of {','.join(_SIDES)}, or none")
    try:
        return Box(*map(float, cells)).checked()
    except (ValueError, InvalidQueryError) as error:
        raise QueriesError(f"line {row.line}: {error}") from error


def _has_category(result: SearchResult, category: str) -> bool:
    return bool(result.hits) and result.hits[0].product.category == category
