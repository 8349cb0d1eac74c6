"""A catalogue under another extractor: a store is built beside those in use, then swapped in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from features.detection import Detector
from features.errors import RowError, StoreEmptyError
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits
from features.pictures import PictureFolder, PictureSource, Vault
from features.pipeline import BuildSummary, Progress, build_store
from features.pipeline.prepare import Preparation
from features.store import (
    StoreSet,
    StoreView,
    StoreWriter,
    naming_write_errors,
    open_store,
    read_manifest,
)
from features.store.lock import WriteLock
from features.types import CatalogEntry, PictureRef

# What was read of each picture; a folder with these notes is a store that is not swapped in yet.
_NOTES = "reembedding.sqlite"
_LOCK = ".reembedding.lock"
_PATIENCE = 600.0  # seconds that the swap waits for an import
_ROUNDS = 3


@dataclass(frozen=True)
class Reembedding:
    """What a run did. Where `swapped` is false, pictures are missing and all is as it was.

    `missing` holds one error for each picture that the store in use has and the new one lacks.
    """

    extractor: str
    folder: Path
    products: int
    pictures: int
    new: int
    """Pictures that went through the network."""
    missing: tuple[RowError, ...]
    seconds: float
    swapped: bool


def reembed(
    stores: StoreSet,
    extractor: Extractor,
    *,
    cropper: Detector | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    keep_default: bool = False,
    allow_missing: bool = False,
) -> Reembedding:
    """Embed the products of the default store with an extractor, and put that store to use.

    The stores in use stay as they are until the new one has everything that the default store has
    at that moment. An interrupted run has stored what it did, and the next run does the rest. The
    web is not asked: pictures come from the vault, or from where the catalogue's folder is.

    Args:
        cropper: finds the main item of each picture, which is then embedded instead of the whole.
        keep_default: put it to use beside the default store instead of making it the default.
        allow_missing: swap even if pictures are gone; products without any are then left out.

    Raises:
        StoreEmptyError: there is nothing to embed.
        StoreLockedError: another run is at work, or an import that does not end.
        StoreError: a store is missing or damaged, or cannot be written.
    """
    with sole_run(stores, f"embedding again with {extractor.spec.name}"):
        new = _NewStore(stores, Preparation(extractor, cropper, limits), progress or Progress())
        new.follow(stores.folder_of())
        with locked(stores, stores.default, f"swapping in {extractor.spec.name}") as source:
            last = new.round(source)
            swapped = allow_missing or not last.failed
            if swapped:
                new.complete(source)
                stores.swap_in(extractor.spec.name, new.folder, keep_default=keep_default)
                (new.folder / _NOTES).unlink(missing_ok=True)
    return Reembedding(
        extractor=extractor.spec.name,
        folder=new.folder,
        products=last.products,
        pictures=last.pictures,
        new=sum(summary.new for summary in new.rounds),
        missing=last.failed,
        seconds=sum(summary.seconds for summary in new.rounds),
        swapped=swapped,
    )


def roll_back(stores: StoreSet) -> None:
    """Take the last swap back; a second time takes it again.

    Raises:
        StoreNotFoundError: nothing was swapped, or what it replaced is gone.
        StoreLockedError: a run of `reembed` is at work.
    """
    with sole_run(stores, "taking a swap back"):
        stores.roll_back()


def clean_up(stores: StoreSet) -> list[Path]:
    """Delete the stores that are neither in use nor there to go back to; which they were.

    Raises:
        StoreLockedError: a run of `reembed` is at work, or an import, whose new stores nothing
            names yet.
    """
    purpose = "deleting abandoned stores"
    with sole_run(stores, purpose), stores.lock_catalog(purpose):
        return stores.delete_abandoned()


@dataclass
class _NewStore:
    """The store that is being built; an interrupted run's one, if there is such."""

    stores: StoreSet
    preparation: Preparation
    progress: Progress
    rounds: list[BuildSummary] = field(default_factory=list)

    def __post_init__(self) -> None:
        spec = self.preparation.spec
        self.folder = _unfinished(self.stores, spec.fingerprint) or self.stores.new_place(spec.name)

    def follow(self, folder: Path) -> None:
        """Embed what the store in use has, while it may change: little is left for the swap."""
        for _ in range(_ROUNDS):
            view = open_store(folder)
            self.round(view)
            if read_manifest(folder).version == view.version:
                return

    def round(self, source: StoreView) -> BuildSummary:
        """Have what the source has; what was embedded in an earlier round is not read again."""
        if not source.picture_count:
            raise StoreEmptyError(f"the store {source.folder} has no pictures to embed again")
        extractor = self.preparation.extractor
        summary = build_store(
            _entries(source),
            _KeptPictures(source, Vault(self.stores.pictures_folder)),
            self.folder,
            extractor,
            cropper=self.preparation.cropper,
            limits=self.preparation.limits,
            progress=_Counted(self.progress, source.picture_count),
            stamps=self.folder / _NOTES,
            purpose=f"embedding again with {extractor.spec.name}",
            metric=source.metric,
        )
        self.rounds.append(summary)
        return summary

    def complete(self, source: StoreView) -> None:
        """Pictures in the source's order, and a version above those of all stores in use."""
        spec, version = self.preparation.spec, self.stores.next_version()
        with StoreWriter(self.folder, spec, first_version=version) as writer:
            if not writer.view().picture_count:
                raise StoreEmptyError(
                    f"none of the pictures of {source.folder} can be read, so nothing was swapped; "
                    "import the catalogue again with scripts/extract_features.py"
                )
            _put_in_order(writer, source)


class _KeptPictures(PictureSource):
    """The pictures of a store as it knows them. Of one place, the newest content counts."""

    def __init__(self, view: StoreView, vault: Vault) -> None:
        super().__init__(PictureFolder(view.pictures_root), vault)
        self._digests = {picture.location: picture.content_hash for picture in view.live_pictures}

    def read(self, location: str, limits: PictureLimits = DEFAULT_LIMITS) -> bytes:
        """See `PictureSource.stored`."""
        return self.stored(location, self._digests[location], limits)

    def stamp(self, location: str) -> str | None:
        """The content that the store knows."""
        return self._digests.get(location)


class _Counted(Progress):
    """Tells a number of pictures that the pipeline cannot know."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total

    def start(self, total: int) -> None:
        """See `Progress.start`."""
        self._progress.start(self._total)

    def advance(self) -> None:
        """See `Progress.advance`."""
        self._progress.advance()


@contextmanager
def sole_run(stores: StoreSet, purpose: str) -> Iterator[None]:
    """Only one run at a time builds a store that is to replace another."""
    stores.check_filled()  # a folder without stores gets no lock either
    with naming_write_errors(stores.folder):
        lock = WriteLock(stores.folder / _LOCK, purpose=purpose)
    with lock:
        yield


@contextmanager
def locked(stores: StoreSet, name: str, purpose: str) -> Iterator[StoreView]:
    """A store of a set as it is while nobody can change it, and no import has yet to reach it."""
    with stores.lock_catalog(purpose, wait=_PATIENCE):
        folder = stores.folder_of(name)
        spec = read_manifest(folder).extractor
        with StoreWriter(folder, spec, wait=_PATIENCE, purpose=purpose) as writer:
            yield writer.view()


def _unfinished(stores: StoreSet, fingerprint: str) -> Path | None:
    for folder in stores.abandoned():
        noted = (folder / _NOTES).exists()
        if noted and read_manifest(folder).extractor.fingerprint == fingerprint:
            return folder
    return None


def _entries(view: StoreView) -> Iterator[CatalogEntry]:
    for product_id, product in view.products.items():
        yield CatalogEntry(product, tuple(map(PictureRef, _locations(view, product_id))))


def _locations(view: StoreView, product_id: str) -> list[str]:
    """Where the pictures of a product are, in order."""
    return list(dict.fromkeys(view.pictures[row].location for row in view.rows_of(product_id)))


def _put_in_order(writer: StoreWriter, source: StoreView) -> None:
    """Pictures that came later, or were read later, go to where the source has them."""
    view = writer.view()
    moved: list[int] = []
    for product_id in view.products:
        rows = view.rows_of(product_id)
        row_at = {view.pictures[row].location: row for row in rows}
        wanted = [row_at[at] for at in _locations(source, product_id) if at in row_at]
        if wanted != rows:
            moved += wanted
    pictures = [view.pictures[row] for row in moved]
    vectors = np.array([view.vector(row) for row in moved], dtype=np.float32)
    products = {picture.product_id: view.products[picture.product_id] for picture in pictures}
    if moved:
        writer.append(pictures, vectors, products.values(), replacing=moved)
