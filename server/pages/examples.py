"""Ready-made photos on the first page, for visitors who have none at hand."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, send_file

from features.catalog.feed import FeedFile
from features.catalog.table import open_table
from features.errors import ConfigError, RowError
from features.pictures import locate

blueprint = Blueprint("examples", __name__)

_DAY = 24 * 3600


@dataclass(frozen=True)
class Example:
    """A photo with its name on the page."""

    key: str
    title: str
    path: Path


def read_examples(table: Path | None) -> dict[str, Example]:
    """The examples of a CSV with the columns `image,title`, by key; none without a table.

    Raises:
        ConfigError: a column, a row or a photo is missing.
    """
    if table is None:
        return {}
    if not table.is_file():
        raise ConfigError(f"VISUAL_SEARCH_EXAMPLES names {table}, which is not there")
    examples: dict[str, Example] = {}
    for row in open_table(FeedFile.at(table)).rows():
        if isinstance(row, RowError) or not row.cell("image"):
            raise ConfigError(f"{table}: {row if isinstance(row, RowError) else 'no image'}")
        path = locate(table.parent, row.cell("image"))
        if not path.is_file():
            raise ConfigError(f"{table}, line {row.line}: there is no photo {path}")
        examples.setdefault(path.stem, Example(path.stem, row.cell("title") or path.stem, path))
    return examples


def current_examples() -> dict[str, Example]:
    """The running application's examples."""
    examples: dict[str, Example] = current_app.extensions["examples"]
    return examples


def find_example(key: str) -> Example:
    """The example of that key; a 404 where there is none."""
    example = current_examples().get(key)
    if example is None:
        abort(404, "There is no such example photo.")
    return example


@blueprint.get("/examples/<key>")
def photo(key: str) -> Response:
    """The example's picture."""
    return send_file(find_example(key).path, max_age=_DAY)
