"""Photos with known answers, as a CSV names them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.catalog.feed import FeedFile
from features.catalog.gzipped import unpacked
from features.catalog.table import TableRow, open_table
from features.errors import InvalidPictureError, InvalidQueryError, QueriesError, RowError
from features.extractors import Extractor
from features.images import crop, decode, read_picture
from features.pictures import locate
from features.types import Box, Vectors

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


def read_queries(path: Path) -> list[LabelledQuery]:
    """The rows of a CSV `image,product_id[,category][,x1,y1,x2,y2]`, paths beside the file.

    A row has all four sides of a box, as shares of the photo from 0 to 1, or none.

    Raises:
        QueriesError: a column is missing, a row is bad, or there are no rows.
    """
    if not path.is_file():
        raise QueriesError(f"there is no query file {path}")
    table = open_table(unpacked(FeedFile.at(path)))
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


def query_vector(extractor: Extractor, query: LabelledQuery, choose: Choice) -> Vectors:
    """The vector of what is searched with: shape (dim,).

    Raises:
        QueriesError: the photo or its box cannot be used.
    """
    photo = read_picture(query.path)
    try:
        return _embedded(extractor, photo, choose(query, photo))
    except (InvalidPictureError, InvalidQueryError) as error:
        raise QueriesError(f"{query.path}: {error}") from error


def _embedded(extractor: Extractor, photo: bytes, box: Box | None) -> Vectors:
    image = decode(photo, detail=extractor.detail, part=box)
    vector: Vectors = extractor.embed([image if box is None else crop(image, box)])[0]
    return vector


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
