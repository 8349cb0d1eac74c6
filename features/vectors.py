"""Vectors row by row: their lengths, their mean, and how far apart they are."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors

Float = TypeVar("Float", np.float32, np.float64)


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays as it is.

    Summed in float64, row by row: a vector becomes the same alone and among others.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    lengths[lengths == 0] = 1
    scaled: Vectors = (vectors / lengths[:, None]).astype(np.float32)
    return scaled


def mean_of(
    vectors: Vectors, *, normalized: bool, weights: Sequence[float] | None = None
) -> Vectors:
    """The mean of some vectors, of length 1 where they are: shape (dim,)."""
    if len(vectors) == 1:
        alone: Vectors = vectors[0]
        return alone
    mean = np.average(np.asarray(vectors, dtype=np.float64), axis=0, weights=weights)
    length = float(np.linalg.norm(mean)) if normalized else 1.0
    scaled: Vectors = (mean / (length or 1.0)).astype(np.float32)
    return scaled


def squared_distances(ones: NDArray[Float], others: NDArray[Float]) -> NDArray[Float]:
    """Of each to each, as precise as they are: shape (len(ones), len(others))."""
    lengths = np.einsum("ij,ij->i", ones, ones)[:, None]
    squared = lengths + np.einsum("ij,ij->i", others, others) - 2 * (ones @ others.T)
    positive: NDArray[Float] = np.maximum(squared, 0)
    return positive
