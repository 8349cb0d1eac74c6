"""Rows that share an id are one product, wherever they stand; memory does not grow with them."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from features.catalog.waiting import waiting_groups
from features.errors import RowError
from features.types import CatalogEntry


class GroupedProducts(Iterator[CatalogEntry | RowError]):
    """Rows merged by id, as `Group` says: errors as they come, products after the last row.

    Raises:
        CatalogError: while it is iterated; the temporary folder, where the products wait, is full
            or cannot be written.
    """

    def __init__(self, rows: Iterable[CatalogEntry | RowError]) -> None:
        self._tally = _Tally()
        self._entries = _grouped(rows, self._tally)

    @property
    def pictures(self) -> int:
        """How many pictures the products have; known when the first product comes."""
        return self._tally.pictures

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> CatalogEntry | RowError:
        return next(self._entries)

    def close(self) -> None:
        """Give up the rest, and the room that it takes."""
        self._entries.close()


@dataclass
class _Tally:
    """Apart from the iterator: with a way back to it, the room would not be freed at once."""

    pictures: int = 0


def _grouped(
    rows: Iterable[CatalogEntry | RowError], tally: _Tally
) -> Generator[CatalogEntry | RowError]:
    with waiting_groups() as waiting:
        for row in rows:
            if isinstance(row, RowError):
                yield row
                continue
            try:
                waiting.add(row)
            except RowError as error:
                yield error
        tally.pictures = waiting.picture_count()
        for group in waiting.all():
            yield group.entry()
