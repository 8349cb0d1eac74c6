"""The contract that every extractor keeps: two steps to implement, the rest is derived."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from features.types import ExtractorSpec, Image, Pixels, Vectors


class Extractor(ABC):
    """Turns pictures into vectors that are near each other when the pictures look alike.

    The vector of a picture does not depend on the pictures beside it in a batch. Both steps may
    be called from several threads at once.
    """

    spec: ExtractorSpec

    @property
    def detail(self) -> int:
        """Pixels per side that a picture should keep when it is decoded for this extractor."""
        return 2 * self.spec.input_size

    @abstractmethod
    def prepare(self, image: Image) -> Pixels:
        """The network's view of an RGB picture: resized and cropped, still 8-bit."""

    @abstractmethod
    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """Raw network outputs of prepared pictures: shape (len(batch), dim)."""

    def embed_prepared(self, batch: Sequence[Pixels]) -> Vectors:
        """Vectors of prepared pictures, of length 1 where the spec says normalized."""
        if not batch:
            return np.empty((0, self.spec.dim), dtype=np.float32)
        raw = self.forward(batch)
        return unit(raw) if self.spec.normalized else raw

    def embed(self, images: Sequence[Image]) -> Vectors:
        """Vectors of RGB pictures: shape (len(images), dim), float32."""
        return self.embed_prepared([self.prepare(image) for image in images])


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays as it is."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    lengths[lengths == 0] = 1
    scaled: Vectors = (vectors / lengths[:, None]).astype(np.float32)
    return scaled
