"""Batches through the network, some ahead: the cores stay busy where one ends."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from features.closing import Closing
from features.extractors import Extractor
from features.types import GalleryPicture, Prepared, Product, Vectors

_BATCH = 32
_BATCHES_AHEAD = 2


@dataclass(frozen=True)
class Waiting:
    """A picture that the network has yet to see."""

    row: GalleryPicture
    product: Product
    views: Prepared


@dataclass(frozen=True)
class Embedded:
    """A picture with its vector, shape (dim,)."""

    row: GalleryPicture
    product: Product
    vector: Vectors


class Embedder(Closing):
    """Takes pictures one by one and gives them back, in order, once their vectors are there."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._pool = ThreadPoolExecutor(_BATCHES_AHEAD, thread_name_prefix="embed")
        self._batch: list[Waiting] = []
        self._ahead: deque[tuple[list[Waiting], Future[Vectors]]] = deque()

    def close(self) -> None:
        """End the threads, once they are done with what they have."""
        self._pool.shutdown()

    def add(self, picture: Waiting) -> Iterator[Embedded]:
        """Take a picture; give those that are due."""
        self._batch.append(picture)
        if len(self._batch) == _BATCH:
            self._submit()
        if len(self._ahead) > _BATCHES_AHEAD:
            yield from self._next()

    def rest(self) -> Iterator[Embedded]:
        """Give all that were taken and not yet given."""
        self._submit()
        while self._ahead:
            yield from self._next()

    def _submit(self) -> None:
        batch, self._batch = self._batch, []
        self._ahead.append((batch, self._pool.submit(self._embed, batch)))

    def _embed(self, batch: Sequence[Waiting]) -> Vectors:
        return self._extractor.embed_prepared([picture.views for picture in batch])

    def _next(self) -> Iterator[Embedded]:
        batch, vectors = self._ahead.popleft()
        for picture, vector in zip(batch, vectors.result(), strict=True):
            yield Embedded(picture.row, picture.product, vector)
