"""Which rows a search may find, said so that an engine with the products can decide itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from features.index.base import VectorIndex
from features.types import Filter, Neighbour, RowMask, Vectors


@dataclass(frozen=True)
class Scope:
    """Products that meet all `filters` and are none of `exclude`; `rows` are the same as a mask.

    The mask is computed when it is asked for; None is all rows.
    """

    filters: tuple[Filter, ...]
    exclude: frozenset[str]
    rows: Callable[[], RowMask | None]


@runtime_checkable
class ScopedIndex(Protocol):
    """An index that holds the products beside the vectors, and filters them where they are."""

    def search_scope(self, queries: Vectors, k: int, scope: Scope) -> list[list[Neighbour]]:
        """As `VectorIndex.search`, of the live rows in the scope."""


def search_scope(
    index: VectorIndex, queries: Vectors, k: int, scope: Scope
) -> list[list[Neighbour]]:
    """The k nearest rows of each query in the scope, whatever the index can do itself."""
    if isinstance(index, ScopedIndex):
        return index.search_scope(queries, k, scope)
    return index.search(queries, k, scope.rows())
