"""Small copies of pictures that left the catalogue and its collections: soon gone from the disk.

What deletes pictures may be another worker, an import or a script. So every worker looks now and
then whether anything has changed, and the first that sees it deletes.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from features.collections import CollectionShelf
from features.errors import (
    StoreError,
    StoreNotFoundError,
    UnknownCollectionError,
    VisualSearchError,
)
from features.store import StoreSet, StoreView, open_store, store_version
from server.pictures.thumbnails import ThumbnailShelf
from server.services.loading import ServiceLoader

_PAUSE_S = 60.0  # longer than a request takes: one that was under way may keep what has just left
_log = logging.getLogger(__name__)


class LeftPictures:
    """Deletes what is kept of pictures that no store has any more."""

    def __init__(self, stores: StoreSet, loader: ServiceLoader, thumbnails: ThumbnailShelf) -> None:
        self._stores = stores
        self._collections = CollectionShelf(stores)
        self._loader = loader
        self._thumbnails = thumbnails

    def sweep(self) -> int:
        """Delete it where anything has changed since the last time; of how many pictures.

        Raises:
            OSError: the folder of the copies cannot be read or written.
            VisualSearchError: the default store or its extractor cannot be opened.
        """
        mark = self._mark()
        rounds, since = self._rounds(mark)
        if rounds == 2 or (rounds == 1 and time.time() - since < _PAUSE_S):
            return 0
        left = self._thumbnails.digests()
        for view in self._views():
            left = {digest for digest in left if not view.rows_with(digest)}
            if not left:
                break
        self._thumbnails.discard(left)
        note = self._thumbnails.note
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        note.write_text(json.dumps([mark, rounds + 1, time.time()]), encoding="utf-8")
        return len(left)

    def sweep_regularly(self) -> None:
        """Sweep from now on in the background, whenever there is a service."""

        def sweep_forever() -> None:
            time.sleep(os.getpid() % 10 / 10 * _PAUSE_S)  # not all workers at once
            while True:
                with suppress(OSError, VisualSearchError):  # told where pictures are asked for
                    if self._loader.ready and (gone := self.sweep()):
                        _log.info("deleted the small copies of %d pictures that left", gone)
                time.sleep(_PAUSE_S)

        threading.Thread(target=sweep_forever, name="sweep-left", daemon=True).start()

    def _rounds(self, mark: str) -> tuple[int, float]:
        """How often all was looked through since things are as they are, and when at last."""
        with suppress(OSError, ValueError, TypeError):
            known, rounds, since = json.loads(self._thumbnails.note.read_text(encoding="utf-8"))
            if known == mark:
                return int(rounds), float(since)
        return 0, 0.0

    def _mark(self) -> str:
        """Another one after every change of a store."""
        marks = [
            (stores.mark(), [_version(folder) for folder in _folders(stores)])
            for stores in self._sets()
        ]
        return blake2b(repr(marks).encode(), digest_size=16).hexdigest()

    def _views(self) -> Iterator[StoreView]:
        """Of the catalogue, as it is open anyway; then of the collections."""
        yield from self._loader.views()
        for stores in list(self._sets())[1:]:
            for folder in _folders(stores):
                with suppress(StoreError):  # nothing of it can be shown
                    yield open_store(folder, in_part=True)

    def _sets(self) -> Iterator[StoreSet]:
        yield self._stores
        for collection in self._collections.collections():
            with suppress(UnknownCollectionError):  # deleted just now
                yield self._collections.stores_of(collection.id)


def _folders(stores: StoreSet) -> list[Path]:
    """Of the stores that can be found; in a damaged set none can."""
    try:
        return list(stores.places()[1].values())
    except StoreError:
        return []


def _version(folder: Path) -> tuple[int, int]:
    try:
        return store_version(folder)
    except StoreNotFoundError:
        return 0, 0
