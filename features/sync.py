"""A catalogue brings all its stores up to date: the one call behind script and import job."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from features.adaptation import ADAPTATION
from features.catalog import Catalog
from features.detection import DEFAULT_DETECTOR, Detector, DetectorOptions, load_detector
from features.errors import StoreLockedError, StoreNotFoundError, VisualSearchError
from features.extractors import (
    DEFAULT_EXTRACTOR,
    NO_WEIGHTS,
    Extractor,
    Weights,
    extractor_of,
    load_extractor,
)
from features.extractors.adapted import Load
from features.images import DEFAULT_LIMITS, PictureLimits
from features.pictures import (
    AddressGuard,
    Fetcher,
    FetchOptions,
    PictureFolder,
    PictureSource,
    Vault,
)
from features.pipeline import BuildSummary, Progress, SyncPlan, build_store, plan_sync
from features.pipeline.entries import UsableEntries
from features.pipeline.known import known_beside
from features.pipeline.prepare import Preparation
from features.similarity import calibrate_store
from features.store import MANIFEST, StoreSet, StoreView, open_store
from features.synced import Synced, counts_of, row_failures, write_synced
from features.types import NO_CROP, Metric

_STAMPS = "stamps.sqlite"


@dataclass(frozen=True)
class SyncOptions:
    """How to bring stores up to date."""

    extractors: tuple[str, ...] = ()
    """Whose stores; empty for all that there are, or the default one where there is none."""
    weights: Weights = NO_WEIGHTS
    """Where those extractors that take weights find them."""
    pictures: Path | None = None
    """Where picture paths start, if not where the catalogue says."""
    crop: str | None = None
    """"auto" or "none"; None as the store is, "none" for a new one."""
    detector: str = DEFAULT_DETECTOR
    """What finds the items for "auto"."""
    detector_options: DetectorOptions = field(default_factory=DetectorOptions)
    keep_missing: bool = False
    """Products that the catalogue does not name stay."""
    limits: PictureLimits = DEFAULT_LIMITS
    fetch: FetchOptions = field(default_factory=FetchOptions)
    allowed_hosts: tuple[str, ...] = ()
    """Private hosts and networks that pictures may be fetched from."""
    metric: Metric | None = None
    """How distances are told; None as the store does, Euclidean for a new one."""
    purpose: str = "an import"
    """What another writer is told."""
    patience: float = 0.0
    """Seconds to wait for another one."""


_DEFAULTS = SyncOptions()


@dataclass(frozen=True)
class StoreUpdate:
    """What became of one store."""

    extractor: str
    folder: Path
    summary: BuildSummary


def sync_stores(
    stores: StoreSet,
    catalog: Catalog,
    options: SyncOptions = _DEFAULTS,
    progress: Progress | None = None,
) -> list[StoreUpdate]:
    """Bring the stores of a set up to date with a catalogue, making those that are missing.

    No change gets in between two of them. What came of it is noted beside the stores, see
    `read_synced`.

    Raises:
        CatalogError: there is nothing to use in the catalogue; the stores stay as they are.
        StoreLockedError: another writer is at work.
        VisualSearchError: an extractor, a store or a detector cannot be used.
    """
    started = time.time()
    try:
        if not stores.folder.exists():
            UsableEntries(catalog).close()  # of a feed without products nothing is made
        with stores.lock_catalog(options.purpose, wait=options.patience):
            updates = _sync_all(stores, catalog, options, progress)
    except StoreLockedError:
        raise  # nothing was done; who holds the lock tells of its own run
    except VisualSearchError as error:
        failed = Synced(options.purpose, catalog.format, started, time.time())
        write_synced(stores.folder, replace(failed, code=error.code, detail=str(error)))
        raise
    write_synced(stores.folder, _told(updates, options.purpose, catalog.format, started))
    return updates


def _told(updates: Sequence[StoreUpdate], purpose: str, feed: str, started: float) -> Synced:
    """A row fails for every store alike; a picture on the web may fail for one alone."""
    failed = {str(error): error for update in updates for error in update.summary.failed}
    return Synced(
        purpose,
        feed,
        started,
        time.time(),
        {update.extractor: counts_of(update.summary) for update in updates},
        len(failed),
        row_failures(failed.values()),
    )


def _sync_all(
    stores: StoreSet, catalog: Catalog, options: SyncOptions, progress: Progress | None
) -> list[StoreUpdate]:
    vault = Vault(stores.pictures_folder)
    with Fetcher(vault, options.fetch, AddressGuard(options.allowed_hosts)) as fetcher:
        root = catalog.pictures if options.pictures is None else PictureFolder(options.pictures)
        source = PictureSource(root, vault, fetcher)
        load = lru_cache(1)(load_extractor)  # an adapted store shares the plain one's network
        return [
            _sync_store(stores, name, catalog, source, options, progress, load)
            for name in _extractors(stores, options)
        ]


def plan_stores(stores: StoreSet, catalog: Catalog, options: SyncOptions) -> SyncPlan:
    """What `sync_stores` would do to the first of its stores; no picture is touched."""
    folder = stores.place_for(_extractors(stores, options)[0])
    return plan_sync(catalog, _view(folder), keep_missing=options.keep_missing)


def _extractors(stores: StoreSet, options: SyncOptions) -> tuple[str, ...]:
    """Adapted stores last: they take over what the plain ones embed."""
    names = sorted(stores.names(), key=lambda name: _is_adapted(stores.place_for(name)))
    return options.extractors or tuple(names) or (DEFAULT_EXTRACTOR,)


def _is_adapted(folder: Path) -> bool:
    return (folder / ADAPTATION).exists()


def _sync_store(
    stores: StoreSet,
    name: str,
    catalog: Catalog,
    source: PictureSource,
    options: SyncOptions,
    progress: Progress | None,
    load: Load,
) -> StoreUpdate:
    folder = stores.place_for(name)
    extractor = _extractor(name, folder, options, load)
    cropper = _cropper(_view(folder), options)
    try:
        summary = build_store(
            catalog,
            source,
            folder,
            extractor,
            cropper=cropper,
            limits=options.limits,
            progress=progress,
            keep_missing=options.keep_missing,
            stamps=stores.pictures_folder / _STAMPS,
            purpose=options.purpose,
            metric=options.metric,
            known=known_beside(stores, Preparation(extractor, cropper, options.limits)),
        )
    finally:
        if (folder / MANIFEST).exists():  # an interrupted run has stored what it did
            stores.add(name, folder)
    calibrate_store(folder, extractor, source, options.limits)
    return StoreUpdate(name, folder, summary)


def _extractor(name: str, folder: Path, options: SyncOptions, load: Load) -> Extractor:
    if _is_adapted(folder):
        return extractor_of(folder, options.weights, load)
    return load(name, options.weights.of(name))


def _cropper(view: StoreView | None, options: SyncOptions) -> Detector | None:
    crop = options.crop
    if crop is None:
        crop = NO_CROP if view is None or view.spec.crop == NO_CROP else "auto"
    return load_detector(options.detector, options.detector_options) if crop == "auto" else None


def _view(folder: Path) -> StoreView | None:
    try:
        return open_store(folder)
    except StoreNotFoundError:
        return None
