"""Pictures by number, and the vectors that they must have."""

import io
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL import Image as Pillow

from features.extractors import Extractor, load_extractor
from features.images import content_hash, decode
from features.types import ExtractorSpec, Image, Pixels, Vectors

COUNT = 150
_SIDE = 4


class Thumbnails(Extractor):
    """An extractor that costs nothing: the numbers of a thumbnail."""

    spec = ExtractorSpec("thumbnails", 3 * _SIDE**2, _SIDE, "none", "0" * 64)

    def prepare(self, image: Image) -> Pixels:
        """See `Extractor.prepare`."""
        return np.asarray(image.resize((_SIDE, _SIDE)))

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        return np.stack(batch).reshape(len(batch), -1).astype(np.float32)


def extractor_named(name: str) -> Extractor:
    """The cheap one, or a true one."""
    return Thumbnails() if name == Thumbnails.spec.name else load_extractor(name)


class Drawings:
    """`COUNT` small pictures, each with the content hash and the vector that belong to it."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor
        self.data = [_drawn(number) for number in range(COUNT)]
        self.digests = [content_hash(data) for data in self.data]
        self.number_of = {digest: number for number, digest in enumerate(self.digests)}

    @cached_property
    def vectors(self) -> Vectors:
        """Shape (COUNT, dim)."""
        pictures = [decode(d, detail=self.extractor.detail) for d in self.data]
        return self.extractor.embed_gallery(pictures)


def _drawn(number: int) -> bytes:
    random = np.random.default_rng(number)
    coarse = Pillow.fromarray(random.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    coarse.resize((32, 24), Pillow.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()
