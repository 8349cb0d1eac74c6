"""Products by several ways of counting their pictures, exactly, for all photos at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.extractors.base import unit
from features.types import Vectors

_DEPTH = 5


def nearest_products(
    photos: Vectors, gallery: Vectors, owners: Sequence[str], best: int
) -> list[list[str]]:
    """The first products of each photo; squared distances of the `best` pictures are averaged."""
    names, numbers = np.unique(np.array(owners), return_inverse=True)
    squared = _squared_distances(photos, gallery)
    scores = np.stack(
        [_best_mean(squared[:, numbers == number], best) for number in range(len(names))], axis=1
    )
    first = np.argsort(scores, axis=1, kind="stable")[:, :_DEPTH]
    return [names[row].tolist() for row in first]


def expanded(photos: Vectors, gallery: Vectors, count: int) -> Vectors:
    """Photos with their nearest pictures added (Chum et al., "Total Recall", ICCV 2007)."""
    if not count:
        return photos
    nearest = np.argsort(_squared_distances(photos, gallery), axis=1, kind="stable")[:, :count]
    return unit(photos + gallery[nearest].sum(axis=1))


def _squared_distances(photos: Vectors, gallery: Vectors) -> NDArray[np.float32]:
    lengths = np.einsum("ij,ij->i", gallery, gallery)
    squared: NDArray[np.float32] = lengths - 2 * (photos @ gallery.T)
    return squared


def _best_mean(squared: NDArray[np.float32], best: int) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = np.sort(squared, axis=1)[:, :best].mean(axis=1)
    return mean
