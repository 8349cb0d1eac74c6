"""The value that a fit gives: a linear map, with the length taken away after it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors

_CHUNK = 4_096
_DIGEST_SIZE = 8


@dataclass(frozen=True, eq=False)
class Adaptation:
    """Maps vectors of an extractor into another space, where the Euclidean distance is used."""

    mean: NDArray[np.float32]
    """Shape (dim,): what is subtracted first."""
    projection: NDArray[np.float32]
    """Shape (dim, adapted dim)."""
    method: str
    extractor: str
    """The name of the extractor whose vectors these are."""
    fingerprint: str
    """The fingerprint of that extractor."""
    pictures: int
    """How many it was fitted on."""
    classes: int
    """How many products or categories it tells apart; 0 where it was told of none."""

    @property
    def dim(self) -> int:
        """Numbers in an adapted vector."""
        return len(self.projection.T)

    @cached_property
    def digest(self) -> str:
        """Another one for every other map."""
        content = hashlib.blake2b(digest_size=_DIGEST_SIZE)
        for part in (self.mean, self.projection):
            content.update(repr(part.shape).encode())
            content.update(np.ascontiguousarray(part, dtype="<f4").data)
        return content.hexdigest()

    def apply(self, vectors: Vectors) -> Vectors:
        """Adapted vectors of length 1: shape (len(vectors), adapted dim).

        Summed in float64: the vector of a picture is the same alone and among others.
        """
        adapted = np.empty((len(vectors), self.dim), dtype=np.float32)
        for start in range(0, len(vectors), _CHUNK):
            adapted[start : start + _CHUNK] = self._mapped(vectors[start : start + _CHUNK])
        return adapted

    def _mapped(self, vectors: Vectors) -> NDArray[np.float64]:
        mapped: NDArray[np.float64] = (vectors - self._mean) @ self._projection
        lengths = np.linalg.norm(mapped, axis=1, keepdims=True)
        return mapped / np.where(lengths == 0, 1, lengths)

    @cached_property
    def _mean(self) -> NDArray[np.float64]:
        return self.mean.astype(np.float64)

    @cached_property
    def _projection(self) -> NDArray[np.float64]:
        return self.projection.astype(np.float64)
