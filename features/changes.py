"""Single changes of a catalogue while shoppers search: put or delete a product or a picture."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from features.detection import Detector, load_detector
from features.errors import (
    InvalidChangeError,
    InvalidProductError,
    PictureNotFoundError,
    StoreLockedError,
    UnknownProductError,
)
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash
from features.pictures import PictureSource
from features.pipeline.prepare import Preparation
from features.store import StoreSet, StoreView, StoreWriter, open_store
from features.types import NO_CROP, GalleryPicture, Product, Vectors

_PATIENCE = 2.0  # seconds that a change waits for another writer
_MOST_PICTURES = 50


@dataclass(frozen=True)
class Change:
    """A committed change: what the catalogue says now, and the version of each store that says so.

    `product` is None where it was deleted; `versions` are by extractor.
    """

    product: Product | None
    pictures: tuple[GalleryPicture, ...]
    version: int
    """Of the default store."""
    versions: Mapping[str, int]
    created: bool = False


class CatalogEditor:
    """Changes every store of a catalogue, one extractor's after the other.

    A change is committed in all of them when the method returns, and every search that begins
    then sees it. A change that cannot be made, for one bad picture even, leaves all as they are.

    Raises:
        StoreLockedError: from every method; another writer is at work, such as an import.
    """

    def __init__(
        self,
        stores: StoreSet,
        extractor_named: Callable[[str], Extractor],
        pictures: PictureSource,
        *,
        cropper: Callable[[], Detector] = load_detector,
        limits: PictureLimits = DEFAULT_LIMITS,
    ) -> None:
        """Nothing is opened yet.

        Args:
            extractor_named: gives the loaded extractor of a name.
            pictures: finds the bytes of pictures by location.
            cropper: gives what chose the main items, for stores that hold these.
        """
        self._stores = stores
        self._extractor_named = extractor_named
        self._cropper = cropper
        self._pictures = pictures
        self._limits = limits

    def put(self, product: Product, locations: Sequence[str] | None) -> Change:
        """Add a product, or replace all that is known of it.

        Args:
            locations: its pictures in order (URLs, uploads, or those it has already); None keeps
                the pictures that it has.

        Raises:
            InvalidProductError: it would be left without pictures, or has too many.
            InvalidPictureError, PictureNotFoundError: a picture cannot be used.
        """
        known = self._default_view().rows_of(product.id)
        if locations is None and known:
            return self._change(product.id, lambda opened: opened.describe(product))
        wanted = list(dict.fromkeys(locations or ()))
        if not 1 <= len(wanted) <= _MOST_PICTURES:
            raise InvalidProductError(
                f"the product {product.id!r} has {len(wanted)} pictures; it needs 1 to "
                f"{_MOST_PICTURES} to be found by"
            )
        data = {location: self._pictures.read(location, self._limits) for location in wanted}
        change = self._change(product.id, lambda opened: opened.replace(product, data))
        return replace(change, created=not known)

    def delete(self, product_id: str) -> Change:
        """Remove a product with its pictures.

        Raises:
            UnknownProductError: there is none of that id.
        """
        self._known_rows(product_id)
        return self._change(product_id, lambda opened: opened.remove_all())

    def delete_picture(self, product_id: str, number: int) -> Change:
        """Remove one picture of a product, counted from 0.

        Raises:
            UnknownProductError: there is no such product.
            PictureNotFoundError: it has no such picture.
            InvalidChangeError: it has no other.
        """
        view = self._default_view()
        rows = self._known_rows(product_id)
        if not 0 <= number < len(rows):
            raise PictureNotFoundError(
                f"the product {product_id!r} has the pictures 0 to {len(rows) - 1}, not {number}"
            )
        if len(rows) == 1:
            raise InvalidChangeError(
                f"this is the only picture of the product {product_id!r}; delete the product, or "
                "put it with another picture"
            )
        location = view.pictures[rows[number]].location
        return self._change(product_id, lambda opened: opened.remove_at(location))

    def _default_view(self) -> StoreView:
        return open_store(self._stores.folder_of())

    def _known_rows(self, product_id: str) -> list[int]:
        rows = self._default_view().rows_of(product_id)
        if not rows:
            raise UnknownProductError(f"there is no product {product_id!r}")
        return rows

    def _change(self, product_id: str, edit: "Callable[[_OpenStore], _Edit]") -> Change:
        """Change every store, once all are open for writing and all edits are known to work."""
        mark = self._stores.mark()
        with ExitStack() as stack:
            opened = {name: self._open(name, product_id, stack) for name in self._stores.names()}
            if self._stores.mark() != mark:  # what is open may be a store that was just replaced
                raise StoreLockedError("a store was replaced at this moment; send the change again")
            edits = {name: edit(store) for name, store in opened.items()}
            for name, store in opened.items():
                store.commit(edits[name])
            views = {name: store.writer.view() for name, store in opened.items()}
        view = views[self._stores.default]
        pictures = tuple(view.pictures[row] for row in view.rows_of(product_id))
        versions = {name: view.version for name, view in views.items()}
        return Change(view.products.get(product_id), pictures, view.version, versions)

    def _open(self, name: str, product_id: str, stack: ExitStack) -> "_OpenStore":
        folder = self._stores.folder_of(name)
        extractor = self._extractor_named(name)
        spec = extractor.spec.cropped_as(open_store(folder).spec)
        writer = StoreWriter(folder, spec, wait=_PATIENCE, purpose=f"changing {product_id!r}")
        stack.enter_context(writer)
        cropper = None if spec.crop == NO_CROP else self._cropper()
        return _OpenStore(writer, Preparation(extractor, cropper, self._limits), product_id)


@dataclass(frozen=True)
class _Edit:
    """Rows to add, with their vectors, what is said of the product, and rows to remove."""

    pictures: Sequence[GalleryPicture] = ()
    vectors: Sequence[Vectors] = ()
    products: Sequence[Product] = ()
    removed: Sequence[int] = ()


class _OpenStore:
    """One store, locked, and the product of it that is about to change."""

    def __init__(self, writer: StoreWriter, preparation: Preparation, product_id: str) -> None:
        self.writer = writer
        self._preparation = preparation
        self._view = writer.view()
        self._rows = self._view.rows_of(product_id)

    def describe(self, product: Product) -> _Edit:
        """Other words, the same pictures."""
        same = self._view.products.get(product.id) == product
        return _Edit() if same else _Edit(products=[product])

    def replace(self, product: Product, data: Mapping[str, bytes]) -> _Edit:
        """Other words and pictures; a picture that the product has already keeps its vector."""
        pictures = [
            GalleryPicture(product.id, location, content_hash(content))
            for location, content in data.items()
        ]
        if pictures == [self._view.pictures[row] for row in self._rows]:
            return self.describe(product)
        vectors = [self._vector(picture, data[picture.location]) for picture in pictures]
        return _Edit(pictures, vectors, [product], self._rows)

    def remove_all(self) -> _Edit:
        """The product with its pictures."""
        return _Edit(removed=self._rows)

    def remove_at(self, location: str) -> _Edit:
        """The picture of that place."""
        rows = [row for row in self._rows if self._view.pictures[row].location == location]
        return _Edit(removed=rows)

    def commit(self, edit: _Edit) -> None:
        """Make the edit."""
        if edit.products:
            shape = (len(edit.vectors), self._preparation.extractor.spec.dim)
            vectors = np.array(edit.vectors, dtype=np.float32).reshape(shape)
            self.writer.append(edit.pictures, vectors, edit.products, replacing=edit.removed)
        else:
            self.writer.delete(edit.removed)
        if self.writer.needs_compaction:
            self.writer.compact()

    def _vector(self, picture: GalleryPicture, data: bytes) -> Vectors:
        for row in self._rows:
            if self._view.pictures[row].content_hash == picture.content_hash:
                return self._view.vector(row)
        vector: Vectors = self._preparation.extractor.embed_prepared([self._preparation(data)])[0]
        return vector
