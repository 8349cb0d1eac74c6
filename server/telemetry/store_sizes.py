"""How much each store holds: counted once for each of its versions."""

import threading
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from features.errors import VisualSearchError
from features.store import StoreSet, open_store, store_version


@dataclass(frozen=True)
class StoreSize:
    """One version of a store in numbers."""

    version: int
    pictures: int
    products: int
    damaged_segments: int
    missing_pictures: int


class StoreSizes:
    """The same in every worker: it looks at the stores, not at what a process has opened."""

    def __init__(self, store: Path) -> None:
        """Nothing is read yet."""
        self._stores = StoreSet(store)
        self._known: dict[str, tuple[object, StoreSize]] = {}
        self._lock = threading.Lock()

    def readable(self) -> dict[str, StoreSize]:
        """Of the stores that can be read, by extractor; what is wrong with others /readyz tells."""
        sizes = {}
        for extractor in self._names():
            try:
                sizes[extractor] = self.of(extractor)
            except VisualSearchError:
                continue
        return sizes

    def of(self, extractor: str) -> StoreSize:
        """The size of one store.

        Raises:
            StoreError: there is none of that extractor, or it cannot be read.
        """
        with self._lock:
            folder = self._stores.folder_of(extractor)
            mark = (folder, store_version(folder))
            known = self._known.get(extractor)
            if known is None or known[0] != mark:
                known = self._known[extractor] = (mark, _counted(folder))
            return known[1]

    def _names(self) -> list[str]:
        try:
            return self._stores.names()
        except VisualSearchError:
            return []


def _counted(folder: Path) -> StoreSize:
    view = open_store(folder, in_part=True)
    missing = (0, 0) if view.missing is None else (view.missing.segments, view.missing.pictures)
    return StoreSize(view.version, view.picture_count, len(view.products), *missing)


def current_sizes() -> StoreSizes:
    """The running application's stores in numbers."""
    sizes: StoreSizes = current_app.extensions["store_sizes"]
    return sizes
