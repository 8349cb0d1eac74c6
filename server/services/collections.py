"""Collections over HTTP: a request that names one is answered from its pictures alone."""

import threading
from collections import OrderedDict
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import replace

from flask import Flask, current_app, g, request

from features.collections import Collection, CollectionShelf
from features.errors import (
    CollectionEmptyError,
    InvalidQueryError,
    StoreError,
    StoreNotFoundError,
    UnknownCollectionError,
)
from features.extractors import Extractor
from features.index import DEFAULT_INDEX
from features.index.milvus import MILVUS
from features.store import StoreSet, open_store
from server.config import Settings
from server.services.loading import ServiceLoader

FIELD = "collection"
_MOST_OPEN = 16
SEARCHES = frozenset(
    {
        "api.search",
        "api.search_words",
        "api.suggest",
        "api.similar",
        "api.named_similar",
        "api.product",
        "api.named_product",
        "pages.search",
        "pages.upload",
        "pages.suggested",
        "photos.photo",
        "pictures.picture",
        "pictures.small_picture",
    }
)
"""What answers from a collection as it does from the catalogue; the rest of the API refuses one."""


class Collections:
    """The collections of a process; those that were searched last stay open."""

    def __init__(self, settings: Settings, catalog: ServiceLoader) -> None:
        """Nothing is opened yet; `catalog` is the loader whose extractors can be shared."""
        self.shelf = CollectionShelf(StoreSet(settings.store))
        self._settings = settings
        self._catalog = catalog
        self._open: OrderedDict[str, ServiceLoader] = OrderedDict()
        self._lock = threading.Lock()

    def loader(self, collection_id: str) -> ServiceLoader:
        """What opens the services of a collection.

        Raises:
            UnknownCollectionError: there is no such collection.
            CollectionEmptyError: it has no pictures that can be searched, or not yet.
        """
        stores = self.shelf.stores_of(collection_id)
        if not stores.names():
            name = self.shelf.get(collection_id).name
            raise CollectionEmptyError(f"The collection {name!r} has no pictures to search yet.")
        with self._lock:
            if collection_id not in self._open:
                self._open[collection_id] = ServiceLoader(
                    self._settings_of(stores), loaded=self._extractors
                )
            self._open.move_to_end(collection_id)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
            return self._open[collection_id]

    def close_deleted(self) -> None:
        """Let go of what was deleted meanwhile: as long as files are open, they fill the disk."""
        with self._lock:
            for collection_id in [known for known in self._open if known not in self.shelf]:
                del self._open[collection_id]

    def _settings_of(self, stores: StoreSet) -> Settings:
        """Those of the catalogue, but for where things are; Milvus holds the catalogue alone."""
        index = DEFAULT_INDEX if self._settings.index == MILVUS else self._settings.index
        return replace(self._settings, store=stores.folder, pictures=None, index=index)

    def _extractors(self) -> Iterable[Extractor]:
        with self._lock:
            loaders = [self._catalog, *self._open.values()]
        return [extractor for loader in loaders for extractor in loader.extractors]


def register(app: Flask) -> None:
    """Answer requests that name a collection from that one."""
    settings: Settings = app.extensions["settings"]
    app.extensions["collections"] = Collections(settings, app.extensions["service"])
    app.before_request(_choose)
    app.context_processor(lambda: {"collection": g.get("collection")})
    app.url_defaults(_stay)


def current_collections() -> Collections:
    """The running application's collections."""
    collections: Collections = current_app.extensions["collections"]
    return collections


def count_of(collection_id: str) -> int:
    """How many pictures of a collection can be searched; of one that is damaged, none.

    Raises:
        UnknownCollectionError: there is no such collection.
    """
    stores = current_collections().shelf.stores_of(collection_id)
    try:
        return open_store(stores.folder_of()).picture_count
    except StoreNotFoundError:
        return 0
    except StoreError as error:  # it must be possible to list it, and to delete it
        current_app.logger.error("%s: %s", error.code, error)
        return 0


def counted() -> list[tuple[Collection, int]]:
    """All collections, the oldest first, with how many of their pictures can be searched."""
    found = []
    for collection in current_collections().shelf.collections():
        with suppress(UnknownCollectionError):  # it is being deleted
            found.append((collection, count_of(collection.id)))
    return found


def choose(collection_id: str) -> None:
    """Answer the rest of the request from a collection.

    Raises:
        UnknownCollectionError: there is no such collection.
        CollectionEmptyError: it has no pictures that can be searched, or not yet.
    """
    g.chosen = collection_id
    g.loader = current_collections().loader(collection_id)
    g.collection = current_collections().shelf.get(collection_id)


def deleted_meanwhile() -> UnknownCollectionError | None:
    """What is wrong with a request that failed because its collection was deleted under it."""
    try:
        if g.get("chosen") is not None:
            current_collections().shelf.get(g.chosen)
    except UnknownCollectionError as error:
        g.collection = None  # what the answer leads to is the catalogue's
        return error
    return None


def refuse_in_form() -> None:
    """For what reads a form and knows the catalogue alone; addresses are looked at before it.

    Raises:
        InvalidQueryError: the form names a collection.
    """
    _refuse_named(request.form)


def _choose() -> None:
    """The loader that `current_loader` gives for the rest of the request.

    Raises:
        UnknownCollectionError: there is no such collection.
        CollectionEmptyError: it has no pictures that can be searched, or not yet.
        InvalidQueryError: the request is of those that know the catalogue alone.
    """
    current_collections().close_deleted()
    if request.method == "OPTIONS" or request.routing_exception is not None:
        return
    if request.endpoint in SEARCHES:
        collection_id = request.values.get(FIELD, "")
        if collection_id:
            choose(collection_id)
    elif request.path.startswith("/api/"):
        _refuse_named(request.args)


def _refuse_named(sent: Container[str]) -> None:
    if FIELD in sent:
        raise InvalidQueryError("This address knows the catalogue alone, no collections.")


def _stay(endpoint: str, values: dict[str, object]) -> None:
    """Addresses that an answer names lead to the same collection."""
    if endpoint in SEARCHES and g.get("collection") is not None:
        values.setdefault(FIELD, g.collection.id)
