"""An extractor that sees colours beside what its network sees."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from features.extractors.base import Extractor
from features.extractors.colours import COLOURS, DIM, colours
from features.extractors.wrapping import WrappingExtractor
from features.parts import Parts
from features.types import Pixels, Prepared, Vectors
from features.vectors import unit


class ColouredExtractor(WrappingExtractor):
    """The vector of another extractor with the picture's colours behind it.

    `weight` is the length of the colours' part where the other's is 1.
    """

    def __init__(self, name: str, plain: Extractor, weight: float) -> None:
        spec = replace(
            plain.spec,
            name=name,
            dim=plain.spec.dim + DIM,
            preprocessing=f"{plain.spec.preprocessing}, {COLOURS} x{weight:g}",
            normalized=True,
        )
        super().__init__(spec, plain)
        self.parts = Parts(plain.spec.dim, DIM, weight)
        self._weight = weight

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        return self._with_colours(self._plain.forward(batch), batch)

    def embed_prepared(self, batch: Sequence[Prepared]) -> Vectors:
        """See `Extractor.embed_prepared`; all views of a picture have the colours of the first."""
        if not batch:
            return super().embed_prepared(batch)
        seen = self._plain.embed_prepared(batch)
        return unit(self._with_colours(seen, [views[0] for views in batch]))

    def _with_colours(self, seen: Vectors, batch: Sequence[Pixels]) -> Vectors:
        found = np.stack([colours(pixels) for pixels in batch])
        return np.hstack([unit(seen), found * np.float32(self._weight)])
