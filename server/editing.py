"""Changing the catalogue from a request: the editor, and where uploaded pictures go."""

from collections.abc import Sequence

from flask import current_app

from features.changes import CatalogEditor
from features.detection import Detector, DetectorOptions, load_detector
from features.images import decode
from features.pictures import (
    AddressGuard,
    Fetcher,
    FetchOptions,
    PictureFolder,
    PictureSource,
    Vault,
    upload_location,
)
from features.store import StoreSet, open_store
from features.sync import SyncOptions
from server.config import NO_DETECTOR, Settings
from server.loading import current_loader, current_settings

# A caller waits: better an early answer than a patient fetch.
_FETCH_SECONDS = 15.0
_FETCH_RETRIES = 1


class Editing:
    """One process's means to change the catalogue, shared by its requests."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stores = StoreSet(settings.store)
        self._vault = Vault(self._stores.pictures_folder)
        options = FetchOptions(total_timeout=_FETCH_SECONDS, retries=_FETCH_RETRIES)
        self._fetcher = Fetcher(self._vault, options, AddressGuard(settings.allowed_hosts))

    def editor(self) -> CatalogEditor:
        """An editor of the catalogue as it is now."""
        loader = current_loader()
        root = self._settings.pictures or open_store(self._stores.folder_of()).pictures_root
        return CatalogEditor(
            self._stores,
            lambda name: loader.get(name).extractor,
            PictureSource(PictureFolder(root), self._vault, self._fetcher),
            cropper=self._cropper,
            limits=self._settings.limits,
        )

    def keep(self, pictures: Sequence[bytes]) -> list[str]:
        """Keep uploaded pictures, all or none; their locations.

        Raises:
            InvalidPictureError: one of them cannot be used.
        """
        for data in pictures:
            decode(data, self._settings.limits, detail=64)
        return [upload_location(self._vault.put(data)) for data in pictures]

    def _cropper(self) -> Detector:
        return load_detector(self._settings.detector, detector_options(self._settings))


def sync_options(settings: Settings) -> SyncOptions:
    """How imports run, by the server's settings."""
    return SyncOptions(
        weights=settings.weights,
        detector=SyncOptions.detector if settings.detector == NO_DETECTOR else settings.detector,
        detector_options=detector_options(settings),
        limits=settings.limits,
        allowed_hosts=settings.allowed_hosts,
    )


def detector_options(settings: Settings) -> DetectorOptions:
    """The detector's settings."""
    return DetectorOptions(
        settings.detector_weights, settings.detector_confidence, settings.detector_classes
    )


def current_editing() -> Editing:
    """The running application's means to change the catalogue; made by the first change."""
    if "editing" not in current_app.extensions:
        current_app.extensions["editing"] = Editing(current_settings())
    editing: Editing = current_app.extensions["editing"]
    return editing
