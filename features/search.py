"""`SearchService`: the one door to visual search, for the server and the scripts alike."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import (
    FingerprintMismatchError,
    InvalidQueryError,
    PictureNotFoundError,
    StoreEmptyError,
)
from features.extractors import Extractor, load_extractor, takes_weights
from features.images import (
    DEFAULT_LIMITS,
    PictureLimits,
    content_hash,
    crop,
    decode,
)
from features.index import DEFAULT_INDEX, VectorIndex, build_index
from features.pictures import PictureFolder, PictureSource, Vault
from features.store import StoreSet, StoreView, open_store, read_manifest, store_version
from features.types import (
    Detection,
    Hit,
    Image,
    Neighbour,
    Query,
    SearchResult,
    Timings,
    Vectors,
)

MAX_LIMIT = 100
_COMPARED = 4  # items; more cost more time than they find
_CLEARLY = 0.9  # of the whole picture's distance


@dataclass(frozen=True)
class _Gallery:
    """One version of the store with the index over it: what a search runs against."""

    view: StoreView
    index: VectorIndex
    mark: tuple[int, int]


class SearchService:
    """Finds the nearest products of a store. Safe to call from several threads.

    A committed change of the store is seen by the next search.
    """

    def __init__(
        self,
        store: Path,
        extractor: Extractor,
        *,
        index: str = DEFAULT_INDEX,
        limits: PictureLimits = DEFAULT_LIMITS,
        pictures_root: Path | None = None,
        vault: Vault | None = None,
    ) -> None:
        """Open the store.

        Args:
            pictures_root: where the catalogue's pictures are, if no longer where they were.
            vault: holds the pictures that came from the web, an archive, or an upload.

        Raises:
            StoreError: the store is missing, damaged, or made by another extractor.
        """
        self.extractor = extractor
        self._store = store
        self._index_name = index
        self._limits = limits
        self._pictures_root = pictures_root
        self._vault = vault
        self._reload = threading.Lock()
        self._gallery = self._load()

    @property
    def view(self) -> StoreView:
        """The store's current version."""
        return self._current().view

    def search(self, query: Query) -> SearchResult:
        """The products nearest to a photo or to its chosen part; ties by product id.

        A product is as near as its nearest picture.

        Raises:
            InvalidPictureError: the photo cannot be used.
            InvalidQueryError: the limit is out of range, or the box is no usable part of the photo.
            StoreEmptyError: there is nothing to find.
        """
        _check_limit(query.limit)
        clock = _StopWatch()
        image = self._decoded(query)
        decoded = clock.lap()
        vector = self.extractor.embed([image])[0]
        embedded = clock.lap()
        gallery = self._current()
        hits = _nearest_products(gallery, vector, query.limit)
        return SearchResult(
            extractor=self.extractor.spec.name,
            index_version=gallery.view.version,
            hits=tuple(hits),
            took_ms=Timings(decode=decoded, embed=embedded, search=clock.lap()),
            searched_box=query.box,
        )

    def most_promising(self, photo: bytes, items: Sequence[Detection]) -> int:
        """The number of the item to search at once: the part that the catalogue matches best.

        Compared are the whole picture, which comes last in `items`, and the first few others; one
        of these must be clearly nearer to a product than the whole picture is. A picture of the
        catalogue itself is searched whole: it must find itself.

        Chosen by measuring: on photos of one product, always taking the first item loses 21
        points of recall@1; on photos of several, always the whole picture loses more.
        """
        whole = len(items) - 1
        gallery = self._current()
        if whole < 1 or content_hash(photo) in gallery.view.by_content:
            return whole
        compared = [*range(min(whole, _COMPARED)), whole]
        smallest = min((items[n].box for n in compared), key=lambda box: box.shorter_side)
        image = decode(photo, self._limits, detail=self.extractor.detail, part=smallest)
        vectors = self.extractor.embed([crop(image, items[n].box, self._limits) for n in compared])
        nearest = [_nearest_products(gallery, vector, 1)[0].distance for vector in vectors]
        best = min(range(len(compared)), key=nearest.__getitem__)
        return compared[best] if nearest[best] < _CLEARLY * nearest[-1] else whole

    def picture(self, digest: str) -> bytes:
        """The bytes of a catalogue picture, by its content hash.

        Raises:
            PictureNotFoundError: no product has it, or its file is gone.
        """
        view = self.view
        folder = PictureFolder(self._pictures_root or view.pictures_root)
        source = PictureSource(folder, self._vault)
        missing = PictureNotFoundError("no product has this picture")
        for row in view.rows_with(digest):
            try:
                return source.stored(view.pictures[row].location, digest, self._limits)
            except PictureNotFoundError as error:
                missing = error
        raise missing

    def _decoded(self, query: Query) -> Image:
        """The part of the photo to search with: shape and detail as the extractor likes it."""
        detail = self.extractor.detail
        if query.box is None:
            return decode(query.photo, self._limits, detail=detail)
        box = query.box.checked()
        return crop(decode(query.photo, self._limits, detail=detail, part=box), box, self._limits)

    def _current(self) -> _Gallery:
        gallery = self._gallery
        if store_version(self._store) == gallery.mark:
            return gallery
        with self._reload:
            if store_version(self._store) != self._gallery.mark:
                self._gallery = self._load(self._gallery)
            return self._gallery

    def _load(self, before: _Gallery | None = None) -> _Gallery:
        mark = store_version(self._store)
        old_view, old_index = (before.view, before.index) if before else (None, None)
        view = open_store(self._store, self.extractor.spec, previous=old_view)
        return _Gallery(view, build_index(view.blocks, self._index_name, old_index), mark)


def open_service(
    store: Path,
    *,
    extractor: str | None = None,
    weights: Path | None = None,
    index: str = DEFAULT_INDEX,
    limits: PictureLimits = DEFAULT_LIMITS,
    pictures_root: Path | None = None,
    vault: Vault | None = None,
) -> SearchService:
    """A service over a store, with the extractor that made it unless another is named.

    Of a folder with several stores it opens the one of the named extractor, else the default. It
    goes on with that store when the default changes: whoever opened it watches `StoreSet.mark`.
    """
    stores = StoreSet(store)
    vault = Vault(stores.pictures_folder) if vault is None else vault
    if not stores.is_plain:
        store = stores.folder_of(extractor)
    made_by = read_manifest(store).extractor.name
    if extractor is not None and extractor != made_by:
        raise FingerprintMismatchError(
            f"the store {store} was made by {made_by}, not by {extractor}; choose that extractor, "
            "or extract into another folder"
        )
    loaded = load_extractor(made_by, weights if takes_weights(made_by) else None)
    return SearchService(
        store, loaded, index=index, limits=limits, pictures_root=pictures_root, vault=vault
    )


def _nearest_products(gallery: _Gallery, vector: Vectors, limit: int) -> list[Hit]:
    """Widen the search until `limit` products, and all that tie with the last, are in it."""
    view = gallery.view
    findable = view.picture_count
    if not findable:
        raise StoreEmptyError(
            "the store has no pictures yet; run scripts/extract_features.py on a catalogue"
        )
    allow = None if findable == len(view.live) else view.live
    k = 4 * limit
    while True:
        (neighbours,) = gallery.index.search(vector[None], k, allow)
        best = _best_of_each_product(neighbours, view)
        everything = len(neighbours) < k or k >= findable
        if everything or (len(best) > limit and neighbours[-1].distance > best[limit - 1].distance):
            return [_hit(neighbour, view) for neighbour in best[:limit]]
        k *= 4


def _best_of_each_product(neighbours: list[Neighbour], view: StoreView) -> list[Neighbour]:
    best: dict[str, Neighbour] = {}
    for neighbour in neighbours:
        best.setdefault(view.pictures[neighbour.row].product_id, neighbour)
    return [near for _, near in sorted(best.items(), key=lambda it: (it[1].distance, it[0]))]


def _hit(neighbour: Neighbour, view: StoreView) -> Hit:
    picture = view.pictures[neighbour.row]
    return Hit(view.products[picture.product_id], picture, neighbour.distance)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQueryError(f"limit is {limit}; it must be from 1 to {MAX_LIMIT}")


class _StopWatch:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Milliseconds since the last lap."""
        before, self._last = self._last, time.perf_counter()
        return (self._last - before) * 1000
