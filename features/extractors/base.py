"""The contract that every extractor keeps: two steps to implement, the rest is derived."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from features.extractors.views import AS_IT_IS, Views
from features.parts import Parts
from features.types import ExtractorSpec, Image, Pixels, Prepared, Vectors
from features.vectors import unit


class Extractor(ABC):
    """Turns pictures into vectors that are near each other when the pictures look alike.

    The vector of a picture is the mean of its views' vectors. It does not depend on the pictures
    beside it in a batch. All steps may be called from several threads at once.
    """

    spec: ExtractorSpec
    gallery_views: Views = (AS_IT_IS,)
    """How the catalogue's pictures are seen. Where it is not just as they are, the spec's
    preprocessing names the views, here and of queries (`views.described`)."""
    query_views: Views = (AS_IT_IS,)
    """How shoppers' photos are seen; each more costs a pass through the network at every search."""
    lot: int = 8
    """How many pictures of a catalogue are best embedded by one call."""
    parts: Parts | None = None
    """Which of a vector's numbers are of colours; None where that cannot be told."""

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

    def prepare_gallery(self, image: Image) -> Prepared:
        """All views of a picture of the catalogue, as the network wants them."""
        pixels = self.prepare(image)
        return tuple(view.of(pixels) for view in self.gallery_views)

    def prepare_query(self, image: Image) -> Prepared:
        """All views of a shopper's photo, as the network wants them."""
        pixels = self.prepare(image)
        return tuple(view.of(pixels) for view in self.query_views)

    def embed_prepared(self, batch: Sequence[Prepared]) -> Vectors:
        """Vectors of prepared pictures, of length 1 where the spec says normalized."""
        if not batch:
            return np.empty((0, self.spec.dim), dtype=np.float32)
        raw = self.forward([view for views in batch for view in views])
        vectors = unit(raw) if self.spec.normalized else raw
        counts = np.array([len(views) for views in batch])
        if (counts == 1).all():
            return vectors
        sums = np.add.reduceat(vectors, counts.cumsum() - counts, axis=0, dtype=np.float64)
        means: Vectors = (sums / counts[:, None]).astype(np.float32)
        return unit(means) if self.spec.normalized else means

    def embed_gallery(self, images: Sequence[Image]) -> Vectors:
        """Vectors of RGB pictures of a catalogue: shape (len(images), dim), float32."""
        return self.embed_prepared([self.prepare_gallery(image) for image in images])

    def embed(self, images: Sequence[Image]) -> Vectors:
        """Vectors of RGB photos to search with: shape (len(images), dim), float32."""
        return self.embed_prepared([self.prepare_query(image) for image in images])


class TextExtractor(Extractor):
    """An extractor with a text side: words become vectors near those of what they describe.

    Whether an extractor has one is whether it is of this class.
    """

    @abstractmethod
    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts, in the space of the pictures', of length 1: shape (len(texts), dim)."""
