"""The parts of a vector, and vectors whose parts count otherwise: for colour, or for shape.

Such a vector is the one that an extractor would have given that weighs its parts so. It has length
1 again, so that all metrics, and distances from 0 to 2, mean what they do without an emphasis.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.types import Emphasis, Vectors
from features.vectors import unit

_LENGTHS: Mapping[Emphasis, float] = {Emphasis.COLOUR: 1.5, Emphasis.SHAPE: 0.0}
"""Of the colours' part where the network's is 1; chosen by measuring, see docs/quality.md."""


@dataclass(frozen=True)
class Parts:
    """A vector of what a network sees, and behind it of a picture's colours."""

    network: int
    """How many numbers the network's part has."""
    colours: int
    """How many numbers the colours' part has."""
    length: float
    """Of the colours' part where the network's is 1."""

    def weights(self, emphasis: Emphasis) -> Vectors:
        """What an emphasis multiplies each number with: shape (dim,)."""
        share = _LENGTHS.get(emphasis, self.length) / self.length
        return np.repeat(np.array([1, share], np.float32), [self.network, self.colours])


def weighted(vectors: Vectors, weights: Vectors) -> Vectors:
    """Rows weighted number by number, of length 1 again; where nothing is left, of length 0."""
    return unit(vectors * weights)
