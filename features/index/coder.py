"""Vectors as whole numbers from -128 to 127: a byte each, compared without converting them.

FAISS learns a range for each number of a vector and computes with floats. One range for all keeps
distances as they are but for rounding, so that whole numbers will do: a scan takes a third of the
time. It does so only for widths that fill the processor's registers, hence the zeros at the end.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors

_LANES = 16
_LEAST, _LARGEST = -128, 127


@dataclass(frozen=True, eq=False)
class Coder:
    """Subtracts a centre, shape (dim,), scales, and rounds."""

    centre: Vectors
    scale: float

    @classmethod
    def fitted(cls, sample: Vectors) -> "Coder":
        """One that a sample, shape (n, dim), uses the whole range of."""
        centre = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
        reach = float(np.abs(sample - centre).max(initial=0))
        return cls(centre, _LARGEST / reach if reach else 1.0)

    @classmethod
    def from_array(cls, array: NDArray[np.float32]) -> "Coder":
        """What `as_array` gave."""
        return cls(array[:-1].copy(), float(array[-1]))

    def as_array(self) -> NDArray[np.float32]:
        """All of it: shape (dim + 1,)."""
        return np.append(self.centre, np.float32(self.scale))

    @property
    def width(self) -> int:
        """How many numbers a code has."""
        return -(-len(self.centre) // _LANES) * _LANES

    def codes(self, vectors: Vectors) -> Vectors:
        """Whole numbers, as floats: shape (n, width). What is beyond the range is at its end."""
        codes = np.zeros((len(vectors), self.width), dtype=np.float32)
        used = codes[:, : len(self.centre)]
        np.subtract(vectors, self.centre, out=used)
        used *= np.float32(self.scale)
        np.rint(used, out=used)
        np.clip(used, _LEAST, _LARGEST, out=used)
        return codes
