"""Opening the search service once a process, while the server already answers."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app, g

from features.detection import STAND_IN, ItemFinder, load_detector
from features.errors import (
    InvalidQueryError,
    PictureNotFoundError,
    StoreError,
    VisualSearchError,
)
from features.extractors import Extractor
from features.pictures import Vault
from features.search import SearchService, open_service, picture_in
from features.store import StoreSet, StoreView, open_store, read_manifest
from features.types import Emphasis
from server.config import NO_DETECTOR, Settings
from server.services.indexing import IndexBuilds


@dataclass(frozen=True)
class _Known:
    """The stores that there are, as they were when the set had this mark."""

    default: str = ""
    folders: Mapping[str, Path] = field(default_factory=dict)
    mark: object = None
    views: dict[Path, StoreView] = field(default_factory=dict)
    """Of those that are asked for a picture before their service is."""


class ServiceLoader:
    """Holds the process's services, one for each extractor that was asked for.

    They follow the stores' set: where another store was swapped in, the next request opens it.
    Opening that failed is tried again by the next request.
    """

    def __init__(
        self,
        settings: Settings,
        service: SearchService | None = None,
        loaded: Callable[[], Iterable[Extractor]] = tuple,
    ) -> None:
        """Nothing is opened yet.

        Args:
            loaded: tells the extractors that other services of the process hold, to share them.
        """
        self._settings = settings
        self._loaded = loaded
        self._stores = StoreSet(settings.store)
        self._vault = Vault(self._stores.pictures_folder)
        self._given = service
        self._services: dict[Path, SearchService] = {}
        self._known = _Known()
        self._opening = threading.Lock()
        self._indexes = IndexBuilds(settings)
        self.error: VisualSearchError | None = None
        """Why the last attempt to open failed."""

    @property
    def ready(self) -> bool:
        """Whether a search would start at once."""
        return self._given is not None or bool(self._services)

    def get(self, extractor: str | None = None) -> SearchService:
        """The service of an extractor, or the default one; the first caller opens it.

        Raises:
            InvalidQueryError: there is no store of that extractor.
            VisualSearchError: the store or the extractor cannot be opened.
        """
        if self._given is not None and extractor in (None, self._given.extractor.spec.name):
            return self._given
        name, folder = self._place_of(extractor)
        service = self._services.get(folder)
        if service is None:
            with self._opening:
                service = self._services.get(folder) or self._open(name, folder)
                self._services[folder] = service
                self.error = None
        if service.lacks_index:
            self._indexes.start()
        return service

    def get_for(
        self,
        emphasis: Emphasis = Emphasis.BALANCED,
        extractor: str | None = None,
        *,
        words: bool = False,
    ) -> SearchService:
        """The same; for an emphasis or words the plain service, where the default one is adapted.

        It holds the same pictures. What is adapted has no parts that could count more, and was
        learned from no words.
        """
        service = self.get(extractor)
        return service if extractor else self.suited(service, emphasis, words=words)

    def suited(
        self, service: SearchService, emphasis: Emphasis, *, words: bool = False
    ) -> SearchService:
        """The service that can do what the default one, which is given, may not; else itself."""
        able = service.worded_by if words else ""
        if emphasis is not Emphasis.BALANCED:
            able = service.emphasised_by
        elsewhere = able not in ("", service.extractor.spec.name) and able in self.names()
        return self.get(able) if elsewhere else service

    @property
    def can_emphasise(self) -> bool:
        """Whether searches that name no extractor can have an emphasis."""
        service = self.get()
        return service.emphasised_by in (service.extractor.spec.name, *self.names())

    @property
    def extractors(self) -> list[Extractor]:
        """Those that are loaded."""
        given = [] if self._given is None else [self._given]
        return [service.extractor for service in [*given, *list(self._services.values())]]

    def names(self) -> list[str]:
        """The extractors whose stores can be asked."""
        return list(self._stores_known().folders)

    def views(self) -> Iterator[StoreView]:
        """The versions of all stores, the default one first; those that cannot be read are not.

        Raises:
            VisualSearchError: the default store or its extractor cannot be opened.
        """
        yield self.get().view
        known = self._known
        for folder in known.folders.values():
            with suppress(StoreError):  # what is wrong with it, /readyz tells
                yield self._view_at(folder, known.views)

    def view_with(self, digest: str) -> StoreView:
        """A version of a store that has a picture: of the default one, or of any that has it.

        No extractor is loaded for the others. They lack pictures while an import is under way,
        and after one that was cancelled.

        Raises:
            PictureNotFoundError: no product has it.
            VisualSearchError: the default store or its extractor cannot be opened.
        """
        for view in self.views():
            if digest in view.by_content:
                return view
        raise PictureNotFoundError("no product has this picture")

    def view_of(self, extractor: str) -> StoreView:
        """A version of an extractor's store; the extractor is not loaded for it.

        Raises:
            InvalidQueryError: there is no store of that extractor.
            StoreError: it cannot be read.
        """
        _, folder = self._place_of(extractor)
        return self._view_at(folder, self._known.views)

    def picture(self, digest: str) -> bytes:
        """The bytes of a picture; raises what `view_with` does, also where its file is gone."""
        return picture_in(
            self.view_with(digest),
            digest,
            root=self._settings.pictures,
            vault=self._vault,
            limits=self._settings.limits,
        )

    def warm_up(self) -> None:
        """Open the default service in the background, unless that is under way."""
        if not self.ready and not self._opening.locked():
            threading.Thread(target=self._try_to_open, name="warm-up", daemon=True).start()

    def _view_at(self, folder: Path, views: dict[Path, StoreView]) -> StoreView:
        opened = self._services.get(folder)
        if opened is not None:
            return opened.view
        views[folder] = open_store(folder, previous=views.get(folder), in_part=True)
        return views[folder]

    def _stores_known(self) -> _Known:
        """The stores that there are; what is known of them is read again where they changed."""
        mark = self._stores.mark()
        if mark != self._known.mark:
            default, folders = self._stores.places()
            current = set(folders.values())
            self._services = {f: s for f, s in list(self._services.items()) if f in current}
            self._known = _Known(default, folders, mark)
        return self._known

    def _place_of(self, extractor: str | None) -> tuple[str, Path]:
        known = self._stores_known()
        default = known.default or self._stores.default  # which says how to make one
        name = default if extractor is None else extractor
        if name not in known.folders:
            raise InvalidQueryError(
                f"There is no store of the extractor {name!r:.40}; choose one of "
                f"{', '.join(sorted(known.folders))}."
            )
        return name, known.folders[name]

    def _try_to_open(self) -> None:
        try:
            self.get()
        except VisualSearchError as error:
            self.error = error  # told by /readyz; the next search meets it again

    def _open(self, extractor: str, folder: Path) -> SearchService:
        return open_service(
            folder,
            extractor=extractor,
            weights=self._settings.weights,
            index=self._settings.index,
            limits=self._settings.limits,
            video_limits=self._settings.video_limits,
            pictures_root=self._settings.pictures,
            vault=self._vault,
            milvus=self._settings.milvus,
            loaded=[*self._loaded(), *self.extractors],
        )


def open_finder(settings: Settings) -> ItemFinder:
    """What finds items in photos, as the settings say; regions stand in for a missing YOLO."""
    if settings.detector == NO_DETECTOR:
        return ItemFinder(None, limits=settings.limits)
    options = settings.detector_options
    return ItemFinder(
        lambda: load_detector(settings.detector, options),
        lambda: load_detector(STAND_IN),
        settings.limits,
    )


def current_loader() -> ServiceLoader:
    """The loader of the collection that the request names, or of the catalogue."""
    loader: ServiceLoader = g.get("loader") or current_app.extensions["service"]
    return loader


def current_service(extractor: str | None = None) -> SearchService:
    """The running application's service of an extractor, or its default one."""
    return current_loader().get(extractor)


def index_version() -> int | None:
    """The version of the default store; None where there is no store that can be read."""
    stores = StoreSet(current_settings().store)
    try:
        return read_manifest(stores.folder_of()).version
    except StoreError:
        return None


def current_settings() -> Settings:
    """The running application's settings."""
    settings: Settings = current_app.extensions["settings"]
    return settings
