"""`SearchService`: the one door to visual search, for the server and the scripts alike."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.catalog import locate
from features.errors import (
    FingerprintMismatchError,
    InvalidQueryError,
    PictureNotFoundError,
    StoreEmptyError,
)
from features.extractors import Extractor, load_extractor
from features.images import DEFAULT_LIMITS, PictureLimits, decode, read_picture
from features.index import DEFAULT_INDEX, VectorIndex, build_index
from features.store import StoreView, open_store, store_version
from features.types import GalleryPicture, Hit, Neighbour, Query, SearchResult, Timings, Vectors

MAX_LIMIT = 100


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
    ) -> None:
        """Open the store.

        Args:
            pictures_root: where the catalogue's pictures are, if no longer where they were.

        Raises:
            StoreError: the store is missing, damaged, or made by another extractor.
        """
        self.extractor = extractor
        self._store = store
        self._index_name = index
        self._limits = limits
        self._pictures_root = pictures_root
        self._reload = threading.Lock()
        self._gallery = self._load()

    @property
    def view(self) -> StoreView:
        """The store's current version."""
        return self._current().view

    def search(self, query: Query) -> SearchResult:
        """The products nearest to a photo, each by its nearest picture; ties by product id.

        Raises:
            InvalidPictureError: the photo cannot be used.
            InvalidQueryError: the limit is out of range.
            StoreEmptyError: there is nothing to find.
        """
        _check_limit(query.limit)
        clock = _StopWatch()
        image = decode(query.photo, self._limits, detail=self.extractor.detail)
        if query.box:
            b = query.box
            w, h = image.size
            image = image.crop(
                (int(b.x1 * w), int(b.y1 * h), max(int(b.x2 * w), 1), max(int(b.y2 * h), 1))
            )
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
        )

    def picture(self, digest: str) -> bytes:
        """The bytes of a catalogue picture, by its content hash.

        Raises:
            PictureNotFoundError: no product has it, or its file is gone.
        """
        view = self.view
        known = view.by_content.get(digest)
        if known is None:
            raise PictureNotFoundError("no product has this picture")
        root = self._pictures_root or view.pictures_root
        return read_picture(locate(root, known.location), self._limits)

    def _current(self) -> _Gallery:
        gallery = self._gallery
        if store_version(self._store) == gallery.mark:
            return gallery
        with self._reload:
            if store_version(self._store) != self._gallery.mark:
                self._gallery = self._load()
            return self._gallery

    def _load(self) -> _Gallery:
        mark = store_version(self._store)
        view = open_store(self._store, self.extractor.spec)
        return _Gallery(view, build_index(view.blocks, self._index_name), mark)


def open_service(
    store: Path,
    *,
    extractor: str | None = None,
    weights: Path | None = None,
    index: str = DEFAULT_INDEX,
    limits: PictureLimits = DEFAULT_LIMITS,
    pictures_root: Path | None = None,
) -> SearchService:
    """A service over a store, with the extractor that made it unless another is named."""
    made_by = open_store(store).spec.name
    if extractor is not None and extractor != made_by:
        raise FingerprintMismatchError(
            f"the store {store} was made by {made_by}, not by {extractor}; choose that extractor, "
            "or extract into another folder"
        )
    loaded = load_extractor(made_by, weights)
    return SearchService(store, loaded, index=index, limits=limits, pictures_root=pictures_root)


def _nearest_products(gallery: _Gallery, vector: Vectors, limit: int) -> list[Hit]:
    """Widen the search until `limit` products, and all that tie with the last, are in it."""
    view = gallery.view
    findable = view.picture_count
    if not findable:
        raise StoreEmptyError(
            "the store has no pictures yet; run scripts/extract_features.py on a catalogue"
        )
    allow = None if findable == len(view.pictures) else view.live
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
    picture: GalleryPicture = view.pictures[neighbour.row]
    return Hit(view.products[picture.product_id], picture, neighbour.distance)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQueryError(f"limit is {limit}; it must be from 1 to {MAX_LIMIT}")


class _StopWatch:
    """Milliseconds between laps."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._last = now()

    def lap(self) -> float:
        """Milliseconds since the last lap."""
        before, self._last = self._last, self._now()
        return (self._last - before) * 1000
