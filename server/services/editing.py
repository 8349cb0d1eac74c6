"""Changing the catalogue from a request: the editor over what the process has open already."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from features.changes import CatalogEditor
from features.detection import Detector, load_detector
from features.extractors import Extractor, load_extractor
from features.pictures import (
    AddressGuard,
    Fetcher,
    FetchOptions,
    PictureFolder,
    PictureSource,
    Vault,
)
from features.store import StoreSet, StoreView
from features.sync import SyncOptions
from server.config import NO_DETECTOR, Settings
from server.services.loading import ServiceLoader

# A caller waits: better an early answer than a patient fetch.
_FETCH_SECONDS = 15.0
_FETCH_RETRIES = 1


class Editing:
    """One process's means to change the catalogue, shared by its requests."""

    def __init__(self, settings: Settings, loader: ServiceLoader) -> None:
        self._settings = settings
        self._loader = loader
        self._stores = StoreSet(settings.store)
        self._vault = Vault(self._stores.pictures_folder)
        self._detector: Detector | None = None
        self._loading = threading.Lock()

    @contextmanager
    def editor(self) -> Iterator[CatalogEditor]:
        """An editor for one request; a host that fails now is asked again by the next."""
        options = FetchOptions(
            total_timeout=_FETCH_SECONDS,
            retries=_FETCH_RETRIES,
            longest_wait=_FETCH_SECONDS,
            max_bytes=self._settings.max_bytes,
        )
        with Fetcher(self._vault, options, AddressGuard(self._settings.allowed_hosts)) as fetcher:
            yield CatalogEditor(
                self._stores,
                self._extractor,
                PictureSource(self._root(), self._vault, fetcher),
                self._vault,
                view_of=self._view,
                cropper=self._cropper,
                limits=self._settings.limits,
            )

    def _root(self) -> PictureFolder | None:
        if self._settings.pictures is not None:
            return PictureFolder(self._settings.pictures)
        view = self._view(None)
        return None if view is None else PictureFolder(view.pictures_root)

    def _view(self, extractor: str | None) -> StoreView | None:
        return self._loader.get(extractor).view if self._stores.names() else None

    def _extractor(self, name: str) -> Extractor:
        if name in self._stores.names():
            return self._loader.get(name).extractor
        return load_extractor(name, self._settings.weights.of(name))

    def _cropper(self) -> Detector:
        with self._loading:
            if self._detector is None:
                options = sync_options(self._settings)
                self._detector = load_detector(options.detector, options.detector_options)
            return self._detector


def sync_options(settings: Settings) -> SyncOptions:
    """How imports run, by the server's settings."""
    return SyncOptions(
        weights=settings.weights,
        pictures=settings.pictures,
        detector=SyncOptions.detector if settings.detector == NO_DETECTOR else settings.detector,
        detector_options=settings.detector_options,
        limits=settings.limits,
        fetch=FetchOptions(max_bytes=settings.max_bytes),
        allowed_hosts=settings.allowed_hosts,
    )


def current_editing() -> Editing:
    """The running application's means to change the catalogue."""
    editing: Editing = current_app.extensions["editing"]
    return editing
