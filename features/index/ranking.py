"""Exact distances of a short list: what every index ends with."""

import numpy as np
from numpy.typing import NDArray

from features.types import Neighbour, Vectors


def rank(query: Vectors, rows: NDArray[np.int64], vectors: Vectors, k: int) -> list[Neighbour]:
    """The k nearest of the given rows, by true distance, then row number.

    Differences, not the expanded square: equal vectors get exactly 0.
    """
    difference = vectors - query
    near = _short_list(difference, k)
    if len(near) < len(rows):
        rows, difference = rows[near], difference[near]
    distances = np.sqrt(np.einsum("ij,ij->i", difference, difference, dtype=np.float64))
    order = np.lexsort((rows, distances))[:k]
    return [Neighbour(int(rows[i]), float(distances[i])) for i in order]


def _short_list(difference: Vectors, k: int) -> NDArray[np.int64]:
    """The places of all that can be among the k nearest, by sums in float32, a quarter of the time.

    All terms of such a sum are positive: its error is a share of it, but for what is too small to
    be squared.
    """
    count, dim = difference.shape
    if k >= count:
        return np.arange(count)
    squared = np.einsum("ij,ij->i", difference, difference)
    kth = float(np.partition(squared, k - 1)[k - 1])
    limits = np.finfo(np.float32)
    return np.flatnonzero(squared <= kth * (1 + 4 * dim * limits.eps) + dim * limits.tiny)
