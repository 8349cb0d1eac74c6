"""Single changes of a catalogue while shoppers search: put or delete a product or a picture."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from features.detection import Detector, load_detector
from features.edits import Edit, Embeddings, OpenStore, naming_picture
from features.errors import (
    InvalidChangeError,
    InvalidProductError,
    PictureNotFoundError,
    PictureWriteError,
    StoreLockedError,
    StoreNotFoundError,
    UnknownProductError,
)
from features.extractors import DEFAULT_EXTRACTOR, Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash
from features.pictures import PictureSource, Vault, is_url, upload_location
from features.pipeline.prepare import Preparation
from features.store import StoreSet, StoreView, StoreWriter, open_store, read_manifest
from features.types import NO_CROP, GalleryPicture, Product

MOST_PICTURES = 50
_PATIENCE = 2.0  # seconds that a change waits for another writer


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
    created: bool


class CatalogEditor:
    """Changes every store of a catalogue at once; the first product makes the first store.

    A change is committed in all of them when the method returns, and every search that begins
    then sees it. A change that cannot be made, for one bad picture even, leaves all as they are.
    What a store lacks, as an import that was cancelled leaves it, is left to the next import.

    Raises:
        StoreLockedError: from every method; another writer is at work, such as an import.
    """

    def __init__(
        self,
        stores: StoreSet,
        extractor_named: Callable[[str], Extractor],
        pictures: PictureSource,
        vault: Vault,
        *,
        view_of: Callable[[str], StoreView | None] = lambda _: None,
        cropper: Callable[[], Detector] = load_detector,
        limits: PictureLimits = DEFAULT_LIMITS,
    ) -> None:
        """Nothing is opened yet.

        Args:
            extractor_named: gives the loaded extractor of a name.
            pictures: finds the bytes of pictures by location.
            vault: keeps the pictures that were sent or fetched.
            view_of: gives a version of an extractor's store that is open already: only what
                changed since is read then.
            cropper: gives what chooses the main items, for stores that hold these.
        """
        self._stores = stores
        self._extractor_named = extractor_named
        self._pictures = pictures
        self._vault = vault
        self._view_of = view_of
        self._cropper = cropper
        self._limits = limits

    def put(
        self, product: Product, locations: Sequence[str] | None, uploads: Sequence[bytes] = ()
    ) -> Change:
        """Add a product, or replace all that is known of it.

        Args:
            locations: where its pictures are, in order: on the web, where it has them already, or
                below the catalogue's root. None with no uploads either keeps what it has.
            uploads: the bytes of further pictures.

        Raises:
            InvalidChangeError: it would have no pictures.
            InvalidProductError: it would have too many, or one is not there.
            InvalidPictureError, PictureFetchError: a picture cannot be used.
        """
        known = self._known_pictures(product.id)
        if locations is None and not uploads and known:
            change = self._change(product.id, lambda opened: opened.describe(product))
            if change.product is None:
                raise _wrong_number(product, 0)
            return change
        number = len(locations or ()) + len(uploads)
        if not 1 <= number <= MOST_PICTURES:
            raise _wrong_number(product, number)
        data = self._data(locations or (), uploads, known)
        return self._change(product.id, lambda opened: opened.replace(product, data), data)

    def delete(self, product_id: str) -> Change:
        """Remove a product with its pictures.

        Raises:
            UnknownProductError: there is none of that id.
        """
        self._some_pictures(product_id)
        return self._change(product_id, lambda opened: opened.remove_all())

    def delete_picture(self, product_id: str, number: int) -> Change:
        """Remove one picture of a product, counted from 0.

        Raises:
            UnknownProductError: there is no such product.
            PictureNotFoundError: it has no such picture.
            InvalidChangeError: it has no other.
        """
        locations = list(self._some_pictures(product_id))
        if not 0 <= number < len(locations):
            raise PictureNotFoundError(
                f"the product {product_id!r} has the pictures 0 to {len(locations) - 1}, "
                f"not {number}"
            )
        return self._change(product_id, lambda opened: opened.remove_at(locations[number]))

    def _known_pictures(self, product_id: str) -> dict[str, str]:
        """The digests of a product's pictures by location; of an unknown one none."""
        if not self._stores.names():
            return {}
        name = self._stores.default
        view = open_store(self._stores.folder_of(name), previous=self._view_of(name))
        pictures = (view.pictures[row] for row in view.rows_of(product_id))
        return {picture.location: picture.content_hash for picture in pictures}

    def _some_pictures(self, product_id: str) -> dict[str, str]:
        known = self._known_pictures(product_id)
        if not known:
            raise UnknownProductError(f"there is no product {product_id!r}")
        return known

    def _data(
        self, locations: Sequence[str], uploads: Sequence[bytes], known: Mapping[str, str]
    ) -> dict[str, bytes]:
        """The bytes of each picture by location, in order."""
        data: dict[str, bytes] = {}
        for number, location in enumerate(locations):
            with naming_picture(number):
                data[location] = self._read(location, known)
        return data | {upload_location(content_hash(content)): content for content in uploads}

    def _read(self, location: str, known: Mapping[str, str]) -> bytes:
        try:
            if location in known and not is_url(location):
                return self._pictures.stored(location, known[location], self._limits)
            return self._pictures.read(location, self._limits)
        except PictureNotFoundError as error:
            raise InvalidProductError(f"there is no picture {location!r} here") from error

    def _change(
        self,
        product_id: str,
        edit: Callable[[OpenStore], Edit],
        data: Mapping[str, bytes] | None = None,
    ) -> Change:
        """Change every store, once all are open for writing and all edits are known to work."""
        mark = self._stores.mark()  # first: what is read after it may be of a newer set
        names = self._stores.names()
        default = self._stores.default if names else DEFAULT_EXTRACTOR
        prepared = {name: self._preparation(name) for name in names or [default]}
        embeddings = Embeddings()
        with ExitStack() as stack:
            lock = self._stores.lock_catalog(f"changing {product_id!r}", wait=_PATIENCE)
            stack.enter_context(lock)  # stores that an import has yet to reach are free
            opened = {
                name: self._open(
                    name, product_id, stack, preparation, embeddings, is_default=name == default
                )
                for name, preparation in prepared.items()
            }
            if names and self._stores.mark() != mark:  # what is open may just have been replaced
                raise StoreLockedError("a store was replaced at this moment; send the change again")
            edits = {name: edit(store) for name, store in opened.items()}
            self._keep(data or {})
            views = {name: store.commit(edits[name]) for name, store in opened.items()}
            if not names:
                self._stores.add(default, opened[default].writer.folder)
            self._forget_left(opened.values(), views.values())
        view = views[default]
        product = view.products.get(product_id)
        return Change(
            product,
            tuple(view.pictures[row] for row in view.rows_of(product_id)),
            view.version,
            {name: view.version for name, view in views.items()},
            created=product is not None and not opened[default].rows,
        )

    def _forget_left(self, opened: Iterable[OpenStore], views: Iterable[StoreView]) -> None:
        """Delete kept pictures that the change took out of every store: whoever deletes means it.

        Where a replaced store may have them still, or they cannot be deleted now, an import's
        tidying up sees to it.
        """
        before = {picture.content_hash for store in opened for picture in store.pictures}
        now = list(views)
        left = [digest for digest in before if not any(view.rows_with(digest) for view in now)]
        if left and {view.folder.resolve() for view in now}.issuperset(self._stores.all_folders()):
            with suppress(PictureWriteError):
                self._vault.discard(left)

    def _preparation(self, name: str) -> Preparation:
        """How a store's pictures are embedded; it may take seconds to load."""
        extractor = self._extractor_named(name)
        cropper = self._cropper() if _crops(self._stores, name) else None
        return Preparation(extractor, cropper, self._limits)

    def _open(
        self,
        name: str,
        product_id: str,
        stack: ExitStack,
        preparation: Preparation,
        embeddings: Embeddings,
        *,
        is_default: bool,
    ) -> OpenStore:
        folder = self._stores.place_for(name)
        view = self._view_of(name)
        purpose = f"changing {product_id!r}"
        writer = StoreWriter(folder, preparation.spec, wait=_PATIENCE, purpose=purpose)
        stack.enter_context(writer)
        view = open_store(folder, previous=view)
        rows = view.rows_of(product_id)
        return OpenStore(writer, view, preparation, embeddings, rows, is_default)

    def _keep(self, data: Mapping[str, bytes]) -> None:
        """Keep what may not be there again. The stores are locked: nobody tidies up meanwhile."""
        for location, content in data.items():
            if is_url(location) or location == upload_location(content_hash(content)):
                self._vault.put(content)


def _crops(stores: StoreSet, name: str) -> bool:
    try:
        return read_manifest(stores.place_for(name)).extractor.crop != NO_CROP
    except StoreNotFoundError:
        return False


def _wrong_number(product: Product, number: int) -> InvalidChangeError:
    kind = InvalidProductError if number else InvalidChangeError
    return kind(
        f"the product {product.id!r} has {number} pictures; it needs 1 to {MOST_PICTURES} to be "
        "found by"
    )
