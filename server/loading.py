"""Opening the search service once a process, while the server already answers."""

import threading

from flask import current_app

from features.detection import STAND_IN, DetectorOptions, ItemFinder, load_detector
from features.errors import VisualSearchError
from features.search import SearchService, open_service
from server.config import NO_DETECTOR, Settings


class ServiceLoader:
    """Holds the process's service. Opening that failed is tried again by the next request."""

    def __init__(self, settings: Settings, service: SearchService | None = None) -> None:
        self._settings = settings
        self._service = service
        self._opening = threading.Lock()
        self.error: VisualSearchError | None = None
        """Why the last attempt to open failed."""

    @property
    def ready(self) -> bool:
        """Whether a search would start at once."""
        return self._service is not None

    def get(self) -> SearchService:
        """The service; the first caller opens it and the others wait.

        Raises:
            VisualSearchError: the store or the extractor cannot be opened.
        """
        if self._service is None:
            with self._opening:
                if self._service is None:
                    self._service = self._open()
                    self.error = None
        return self._service

    def warm_up(self) -> None:
        """Open the service in the background, unless that is under way."""
        if self._service is None and not self._opening.locked():
            threading.Thread(target=self._try_to_open, name="warm-up", daemon=True).start()

    def _try_to_open(self) -> None:
        try:
            self.get()
        except VisualSearchError as error:
            self.error = error  # told by /readyz; the next search meets it again

    def _open(self) -> SearchService:
        return open_service(
            self._settings.store,
            weights=self._settings.weights,
            index=self._settings.index,
            limits=self._settings.limits,
            pictures_root=self._settings.pictures,
        )


def open_finder(settings: Settings) -> ItemFinder:
    """What finds items in photos, as the settings say; regions stand in for a missing YOLO."""
    if settings.detector == NO_DETECTOR:
        return ItemFinder(None, limits=settings.limits)
    options = DetectorOptions(
        settings.detector_weights, settings.detector_confidence, settings.detector_classes
    )
    return ItemFinder(
        lambda: load_detector(settings.detector, options),
        lambda: load_detector(STAND_IN),
        settings.limits,
    )


def current_loader() -> ServiceLoader:
    """The running application's loader."""
    loader: ServiceLoader = current_app.extensions["service"]
    return loader


def current_service() -> SearchService:
    """The running application's service."""
    return current_loader().get()


def current_settings() -> Settings:
    """The running application's settings."""
    settings: Settings = current_app.extensions["settings"]
    return settings
