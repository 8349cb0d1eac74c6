"""How vectors scatter: all together, and those of one class around its mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors

_CHUNK = 8_192
_LEAST = 1e-12  # variance, where pictures of a product are all the same
Matrix = NDArray[np.float64]
Classes = NDArray[np.int64]
"""Shape (n,): the number of each vector's class, from 0 on without gaps."""


@dataclass(frozen=True, eq=False)
class Scatter:
    """How vectors differ from others of their class, and the classes from each other."""

    mean: Matrix
    within: Matrix
    """Shape (dim, dim): the covariance."""
    apart: Matrix
    """Shape (classes, dim): each class's mean less that of all, over the root of their number."""


def total_scatter(vectors: Vectors) -> tuple[Matrix, Matrix]:
    """Mean and covariance: shapes (dim,) and (dim, dim)."""
    mean: Matrix = vectors.mean(axis=0, dtype=np.float64)
    return mean, _second_moment(vectors, mean) / len(vectors)


def class_scatter(vectors: Vectors, classes: Classes) -> Scatter:
    """The scatter within classes, and between them.

    Each class weighs the same, however many its pictures are: shoppers do not ask for a product
    more often because a shop has more pictures of it.
    """
    counts = np.bincount(classes)
    means = _class_sums(vectors, classes, len(counts)) / counts[:, None]
    mean: Matrix = means.mean(axis=0)
    within = np.zeros((vectors.shape[1], vectors.shape[1]))
    for start in range(0, len(vectors), _CHUNK):
        some = classes[start : start + _CHUNK]
        around = vectors[start : start + _CHUNK] - means[some]
        around /= np.sqrt(counts[some, None])
        within += around.T @ around  # of one array with itself: numpy works out half of it
    return Scatter(mean, within / len(counts), (means - mean) / np.sqrt(len(counts)))


def _class_sums(vectors: Vectors, classes: Classes, count: int) -> Matrix:
    """Shape (count, dim)."""
    sums = np.zeros((count, vectors.shape[1]))
    for start in range(0, len(vectors), _CHUNK):
        some = classes[start : start + _CHUNK]
        order = np.argsort(some, kind="stable")
        there, first = np.unique(some[order], return_index=True)
        part = vectors[start + order]
        sums[there] += np.add.reduceat(part, first, axis=0, dtype=np.float64)
    return sums


def discriminant(within: Matrix, apart: Matrix, count: int, emphasis: float = 0) -> Matrix:
    """The directions in which classes differ most where `within` is a sphere: (dim, count).

    Each is as long as the variance of the classes along it to the power of `emphasis`: with 0 all
    of them are alike.

    They are the images of the classes' own axes, so one solution of linear equations finds them:
    no matrix of (dim, dim) is taken apart.
    """
    classes, dim = apart.shape
    apart = apart if classes <= dim else _folded(apart)
    solved = np.linalg.solve(within + _LEAST * np.eye(dim), apart.T)
    among = apart @ solved
    axes = leading_axes((among + among.T) / 2, count)
    spread = np.einsum("ij,ij->j", axes, among @ axes)
    floor = spread[0] * 1e-9
    directions: Matrix = (
        solved @ axes * np.where(spread > floor, spread, np.inf) ** (emphasis - 0.5)
    )
    return directions


def _folded(apart: Matrix) -> Matrix:
    """As many rows as columns with the same products of columns."""
    return np.asarray(np.linalg.qr(apart, mode="r"))


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
