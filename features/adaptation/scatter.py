"""How vectors scatter: all together, and those of one class around its mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors

_CHUNK = 8_192
Matrix = NDArray[np.float64]
Classes = NDArray[np.int64]
"""Shape (n,): the number of each vector's class, from 0 on without gaps."""


@dataclass(frozen=True, eq=False)
class Scatter:
    """Covariances of shape (dim, dim), within the classes and of their means."""

    mean: Matrix
    within: Matrix
    between: Matrix


def total_scatter(vectors: Vectors) -> tuple[Matrix, Matrix]:
    """Mean and covariance: shapes (dim,) and (dim, dim)."""
    mean: Matrix = vectors.mean(axis=0, dtype=np.float64)
    return mean, _second_moment(vectors, mean) / len(vectors)


def class_scatter(vectors: Vectors, classes: Classes) -> Scatter:
    """The scatter within classes, and between them; each class weighs as its pictures do."""
    mean, total = total_scatter(vectors)
    counts = np.bincount(classes)
    sums = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(sums, classes, vectors)
    apart = (sums / counts[:, None] - mean) * np.sqrt(counts / len(vectors))[:, None]
    between: Matrix = apart.T @ apart
    return Scatter(mean, total - between, between)


def shrunk(covariance: Matrix, share: float) -> Matrix:
    """A covariance drawn towards a sphere of the same size, which few pictures cannot deny."""
    dim = len(covariance)
    sphere = np.trace(covariance) / dim * np.eye(dim)
    drawn: Matrix = (1 - share) * covariance + share * sphere
    return drawn


def whitening(covariance: Matrix) -> Matrix:
    """The symmetric map after which a covariance is a sphere: shape (dim, dim)."""
    variances, axes = np.linalg.eigh(covariance)
    floor = max(float(variances[-1]) * 1e-9, 1e-12)
    scaled: Matrix = (axes / np.sqrt(np.maximum(variances, floor))) @ axes.T
    return scaled


def leading_axes(covariance: Matrix, count: int) -> Matrix:
    """The directions of most variance, most first, shape (dim, count); signs are settled."""
    _, axes = np.linalg.eigh(covariance)
    leading = axes[:, ::-1][:, :count]
    largest = np.take_along_axis(leading, np.abs(leading).argmax(axis=0)[None], axis=0)
    settled: Matrix = leading * np.where(largest < 0, -1, 1)
    return settled


def _second_moment(vectors: Vectors, mean: Matrix) -> Matrix:
    moment = np.zeros((vectors.shape[1], vectors.shape[1]))
    for start in range(0, len(vectors), _CHUNK):
        centred = vectors[start : start + _CHUNK] - mean
        moment += centred.T @ centred
    return moment
