"""One store of a catalogue, open for a change: what an edit adds and removes, and its vectors."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from features.errors import InvalidChangeError, VisualSearchError
from features.extractors import AdaptedExtractor
from features.images import content_hash
from features.pipeline.prepare import Preparation
from features.store import StoreView, StoreWriter, open_store
from features.types import GalleryPicture, Product, Vectors


@dataclass(frozen=True)
class Edit:
    """Rows to add, with their vectors, what is said of the product, and rows to remove."""

    pictures: Sequence[GalleryPicture] = ()
    vectors: Sequence[Vectors] = ()
    products: Sequence[Product] = ()
    removed: Sequence[int] = ()


class Embeddings:
    """The vectors of the pictures of a change: adapted ones are made of the plain store's."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Vectors] = {}

    def vector(self, preparation: Preparation, digest: str, data: bytes) -> Vectors:
        """The vector of a picture, shape (dim,); it passes through a network once."""
        extractor = preparation.extractor
        if isinstance(extractor, AdaptedExtractor):
            plain = self.vector(replace(preparation, extractor=extractor.plain), digest, data)
            adapted: Vectors = extractor.adapted(plain[None])[0]
            return adapted
        key = preparation.spec.fingerprint, digest
        if key not in self._found:
            self._found[key] = extractor.embed_prepared([preparation(data)])[0]
        return self._found[key]


@dataclass(frozen=True)
class OpenStore:
    """One store, locked, and the rows of the product of it that is about to change."""

    writer: StoreWriter
    view: StoreView
    preparation: Preparation
    embeddings: Embeddings
    rows: Sequence[int]
    is_default: bool

    @property
    def pictures(self) -> list[GalleryPicture]:
        """Those of the product, in order."""
        return [self.view.pictures[row] for row in self.rows]

    def describe(self, product: Product) -> Edit:
        """Other words, the same pictures."""
        if not self.rows or self.view.products.get(product.id) == product:
            return Edit()
        return Edit(products=[product])

    def replace(self, product: Product, data: Mapping[str, bytes]) -> Edit:
        """Other words and pictures; a picture that the store has already keeps its vector."""
        known = {(row.location, row.content_hash): row for row in self.pictures}
        pictures = [
            known.get(key) or GalleryPicture(product.id, *key)
            for key in ((place, content_hash(content)) for place, content in data.items())
        ]
        if pictures == self.pictures:
            return self.describe(product)
        vectors = []
        for number, picture in enumerate(pictures):
            with naming_picture(number):
                vectors.append(self._vector(picture, data[picture.location]))
        return Edit(pictures, vectors, [product], self.rows)

    def remove_all(self) -> Edit:
        """The product with its pictures."""
        return Edit(removed=self.rows)

    def remove_at(self, location: str) -> Edit:
        """The picture of that place.

        Raises:
            InvalidChangeError: the default store would be left with none.
        """
        removed = [row for row in self.rows if self.view.pictures[row].location == location]
        if self.is_default and len(removed) == len(self.rows):
            raise InvalidChangeError(
                "this is the only picture of the product; delete the product, or put it with "
                "another picture"
            )
        return Edit(removed=removed)

    def commit(self, edit: Edit) -> StoreView:
        """Make the edit; the store as it is then."""
        if edit.products:
            shape = (len(edit.vectors), self.view.spec.dim)
            vectors = np.array(edit.vectors, dtype=np.float32).reshape(shape)
            self.writer.append(edit.pictures, vectors, edit.products, replacing=edit.removed)
        else:
            self.writer.delete(edit.removed)
        if self.writer.needs_compaction:
            self.writer.compact()
        return open_store(self.writer.folder, previous=self.view)

    def _vector(self, picture: GalleryPicture, data: bytes) -> Vectors:
        for row in self.view.rows_with(picture.content_hash):
            return self.view.vector(row)
        return self.embeddings.vector(self.preparation, picture.content_hash, data)


@contextmanager
def naming_picture(number: int) -> Iterator[None]:
    """Say which of the pictures an error is about."""
    try:
        yield
    except VisualSearchError as error:
        error.args = (f"picture {number}: {error}",)
        raise
