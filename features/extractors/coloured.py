"""An extractor that sees colours beside what its network sees."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from features.extractors.base import Extractor, unit
from features.extractors.colours import COLOURS, DIM, colours
from features.types import Image, Pixels, Vectors

_SUFFIX = "_colours"


class ColouredExtractor(Extractor):
    """The vector of another extractor with the picture's colours behind it, both weighing alike."""

    def __init__(self, plain: Extractor) -> None:
        self.spec = replace(
            plain.spec,
            name=coloured_name(plain.spec.name),
            dim=plain.spec.dim + DIM,
            preprocessing=f"{plain.spec.preprocessing}, {COLOURS}",
            normalized=True,
        )
        self.gallery_views = plain.gallery_views
        self.query_views = plain.query_views
        self._plain = plain

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
        return np.hstack([seen, np.stack([colours(pixels) for pixels in batch])])


def coloured_name(plain: str) -> str:
    """What the extractor with colours goes by."""
    return f"{plain}{_SUFFIX}"
