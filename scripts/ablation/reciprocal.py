"""k-reciprocal re-ranking of a short list: pictures are alike that have the same neighbours.

Zhong et al., "Re-ranking Person Re-identification with k-reciprocal Encoding", CVPR 2017, with its
numbers. There all photos are known at once and are each other's neighbours too; here each comes
alone, as in a shop, and what concerns the catalogue alone is made before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors
from features.vectors import squared_distances

Rows = NDArray[np.int64]
Distances = NDArray[np.float32]

_CHUNK = 1_024
_TINY = np.float32(1e-12)


@dataclass(frozen=True)
class Settings:
    """The paper's k1, k2 and lambda."""

    neighbours: int = 20
    averaged: int = 6
    """Encodings that are averaged: one's own, and those of the nearest."""
    distance: float = 0.3
    """How much the distance itself counts; the rest is what neighbours are shared."""


@dataclass(frozen=True, eq=False)
class _Encoding:
    """The neighbours of a picture, each with its weight; the weights sum to 1."""

    rows: Rows
    weights: Distances


class Reciprocal:
    """What the pictures of a catalogue are near, and with it how far a photo is from them."""

    def __init__(self, gallery: Vectors, settings: Settings | None = None) -> None:
        """Of vectors of the shape (pictures, dim)."""
        self._settings = settings or Settings()
        self._gallery = gallery
        count = min(self._settings.neighbours + 1, len(gallery))
        rows, squared, self._scale = _neighbours(gallery, count)
        half = min(self._settings.neighbours // 2 + 1, count)
        self._reach = squared[:, -1]
        self._close = [
            _mutual(near[:half], far[:half], squared[:, half - 1])
            for near, far in zip(rows, squared, strict=True)
        ]
        self._own = [self._encoded(*one) for one in zip(gallery, rows, squared, strict=True)]
        self._averaged = [self._mean_of(near[: self._settings.averaged]) for near in rows]

    def distances(self, photo: Vectors, short_list: Rows, squared: Distances) -> Distances:
        """Of the pictures of a short list, which is given nearest first, with squared distances."""
        count = self._settings.neighbours
        own = self._encoded(photo, short_list[:count], squared[:count])
        near = self._mean_of(short_list[: self._settings.averaged - 1], own)
        apart = self._apart(near, short_list)
        share = np.float32(self._settings.distance)
        mixed: Distances = (1 - share) * apart + share * squared / self._scale
        return mixed

    def _encoded(self, vector: Vectors, near: Rows, squared: Distances) -> _Encoding:
        """Those of the neighbours that have it for a neighbour too, and what belongs to them."""
        mutual = _mutual(near, squared, self._reach)
        rows = np.unique(np.concatenate([mutual, *self._belonging(mutual)]))
        weights = np.exp(-np.square(self._gallery[rows] - vector).sum(axis=1) / self._scale)
        return _Encoding(rows, weights / max(weights.sum(), _TINY))

    def _belonging(self, mutual: Rows) -> Iterator[Rows]:
        """The closest neighbours of each, where two thirds of them are among these already."""
        known = set(mutual.tolist())
        for row in mutual.tolist():
            close = self._close[row]
            if 3 * len(known.intersection(close.tolist())) > 2 * len(close):
                yield close

    def _mean_of(self, near: Rows, *besides: _Encoding) -> _Encoding:
        encodings = [*besides, *(self._own[row] for row in near.tolist())]
        rows = np.concatenate([one.rows for one in encodings])
        weights = np.concatenate([one.weights for one in encodings])
        known, places = np.unique(rows, return_inverse=True)
        sums = np.bincount(places, weights) / len(encodings)
        return _Encoding(known, sums.astype(np.float32))

    def _apart(self, photo: _Encoding, short_list: Rows) -> Distances:
        """The Jaccard distance of what is near a photo and near each picture."""
        weights = np.zeros(len(self._gallery), dtype=np.float32)
        weights[photo.rows] = photo.weights
        shared = [
            np.minimum(weights[one.rows], one.weights).sum()
            for one in (self._averaged[row] for row in short_list.tolist())
        ]
        common = np.array(shared, dtype=np.float32)
        apart: Distances = 1 - common / (2 - common)
        return apart


def _neighbours(gallery: Vectors, count: int) -> tuple[Rows, Distances, np.float32]:
    """Rows and squared distances of each picture's nearest, itself first; the largest of all."""
    rows = np.empty((len(gallery), count), dtype=np.int64)
    squared = np.empty(rows.shape, dtype=np.float32)
    largest = _TINY
    for start in range(0, len(gallery), _CHUNK):
        part = slice(start, start + _CHUNK)
        far = squared_distances(gallery[part], gallery)
        itself = np.arange(len(far))
        far[itself, start + itself] = -1
        rows[part] = np.argsort(far, axis=1, kind="stable")[:, :count]
        squared[part] = np.maximum(np.take_along_axis(far, rows[part], axis=1), 0)
        largest = max(largest, far.max())
    return rows, squared, largest


def _mutual(near: Rows, squared: Distances, reach: Distances) -> Rows:
    """Those that one is as near to as their own neighbours are: it is one of them too."""
    return near[squared <= reach[near] + _TINY]
