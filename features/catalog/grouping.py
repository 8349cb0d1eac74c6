"""Rows that share an id are one product, wherever they stand; memory does not grow with them."""

from collections.abc import Iterable, Iterator

from features.catalog.waiting import waiting_groups
from features.errors import RowError
from features.types import CatalogEntry


def group_by_product(
    rows: Iterable[CatalogEntry | RowError],
) -> Iterator[CatalogEntry | RowError]:
    """Merge rows by id, as `Group` says: errors as they come, products after the last row.

    Raises:
        CatalogError: the temporary folder, where the products wait, is full or cannot be written.
    """
    with waiting_groups() as waiting:
        for row in rows:
            if isinstance(row, RowError):
                yield row
                continue
            try:
                waiting.add(row)
            except RowError as error:
                yield error
        for group in waiting.all():
            yield group.entry()
