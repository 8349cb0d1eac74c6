"""What runs behind the local interface: its stores, loaded once, and the gallery that adds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.errors import InvalidQueryError, StoreEmptyError
from features.extractors import NO_WEIGHTS, Extractor, Weights
from features.images import read_picture
from features.local import AllowedFolders, LocalGallery, open_local_stores
from features.store import StoreSet, StoreView
from features.types import Hit, Query, Wanted
from server.config import Settings
from server.services.loading import ServiceLoader


@dataclass(frozen=True)
class LocalSettings:
    """What the person who starts the daemon says."""

    store: Path
    allowed: tuple[Path, ...]
    extractors: tuple[str, ...] = ()
    """The first is the default; empty for all that there are stores of."""
    weights: Weights = NO_WEIGHTS


class Daemon:
    """Open stores of this machine's pictures. Safe to use from several threads."""

    def __init__(self, settings: LocalSettings) -> None:
        """Make the stores that are missing and load all.

        Raises:
            VisualSearchError: a folder, a store or an extractor cannot be used.
        """
        self.allowed = AllowedFolders(settings.allowed)
        self._stores = StoreSet(settings.store)
        self._named = settings.extractors
        open_local_stores(self._stores, settings.extractors, settings.weights)
        self._loader = ServiceLoader(Settings(store=settings.store, weights=settings.weights))
        self._started = time.monotonic()
        self._loaded_ms = {name: self._load(name) for name in self._names}
        self.gallery = LocalGallery(self._stores, self.allowed, self._extractor)

    def extractors(self, asked: str | None) -> tuple[str, ...]:
        """The extractor that is asked for, or all, the default one first.

        Raises:
            InvalidQueryError: there is none of that name here.
        """
        names = self._names
        if asked is None:
            return names
        if asked not in names:
            raise InvalidQueryError(
                f"there is no extractor {asked!r:.40} here; choose one of {', '.join(names)}"
            )
        return (asked,)

    def search(self, picture: Path, limit: int, asked: str | None) -> tuple[Hit, ...]:
        """The pictures nearest to one, which need not have been added."""
        service = self._loader.get(self.extractors(asked)[0])
        try:
            return service.search(Query(read_picture(picture)), Wanted(limit=limit)).hits
        except StoreEmptyError:
            return ()

    def stats(self) -> dict[str, Any]:
        """What is loaded."""
        names = self._names
        return {
            "default": names[0],
            "uptime_s": round(time.monotonic() - self._started, 3),
            "extractors": {name: self._figures(name) for name in names},
        }

    @property
    def _names(self) -> tuple[str, ...]:
        """As the stores are now: another one may have been swapped in."""
        if self._named:
            return self._named
        default = self._stores.default
        return (default, *(name for name in self._stores.names() if name != default))

    def _figures(self, name: str) -> Mapping[str, Any]:
        view = self._loader.get(name).view
        return {
            "pictures": view.picture_count,
            "dim": view.spec.dim,
            "fingerprint": view.spec.fingerprint,
            "index_version": view.version,
            "bytes": _size(view),
            "loaded_ms": self._loaded_ms.get(name),
        }

    def _extractor(self, name: str) -> Extractor:
        return self._loader.get(name).extractor

    def _load(self, name: str) -> float:
        started = time.perf_counter()
        self._loader.get(name)
        return round((time.perf_counter() - started) * 1000, 1)


def _size(view: StoreView) -> int:
    return sum(file.bytes for file in view.manifest.files)
