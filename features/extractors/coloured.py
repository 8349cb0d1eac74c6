"""An extractor that sees colours beside what its network sees."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from features.extractors.base import Extractor, unit
from features.extractors.colours import COLOURS, DIM, colours
from features.types import Image, Pixels, Vectors


class ColouredExtractor(Extractor):
    """The vector of another extractor with the picture's colours behind it.

    `weight` is the length of the colours' part where the other's is 1.
    """

    def __init__(self, name: str, plain: Extractor, weight: float) -> None:
        self.spec = replace(
            plain.spec,
            name=name,
            dim=plain.spec.dim + DIM,
            preprocessing=f"{plain.spec.preprocessing}, {COLOURS} x{weight:g}",
            normalized=True,
        )
        self.gallery_views = plain.gallery_views
        self.query_views = plain.query_views
        self._plain = plain
        self._weight = weight

    @property
    def detail(self) -> int:
        """See `Extractor.detail`."""
        return self._plain.detail

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return self._plain.prepare(image)

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        seen = unit(self._plain.forward(batch))
        found = np.stack([colours(pixels) for pixels in batch])
        return np.hstack([seen, found * np.float32(self._weight)])
