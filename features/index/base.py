"""The contract that every index keeps."""

from typing import Protocol

from features.types import Neighbour, RowMask, Vectors


class VectorIndex(Protocol):
    """Finds the rows of a gallery nearest to a query. Rows are numbered through its blocks.

    Every index returns true Euclidean distances of the float32 vectors, 0 for an equal vector.
    Neighbours come by distance, then by row. An approximate index may miss a few of them, but never
    returns fewer than there are.
    """

    @property
    def rows(self) -> int:
        """How many rows can be found."""

    def search(
        self, queries: Vectors, k: int, allow: RowMask | None = None
    ) -> list[list[Neighbour]]:
        """The k nearest allowed rows of each query, fewer where there are fewer.

        Args:
            queries: shape (q, dim).
            k: at least 1; more than the rows there are is no error.
            allow: shape (rows,), true where a row may be found; None allows all.
        """
