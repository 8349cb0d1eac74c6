"""One run: a catalogue streams by, and the store follows it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from features.detection import Detector
from features.errors import RowError, StoreNotFoundError
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits
from features.pictures import PictureFolder, PictureSource, StampBook
from features.pipeline.entries import UsableEntries
from features.pipeline.gallery import GrowingGallery
from features.pipeline.known import Known, nothing_known
from features.pipeline.lots import Lots
from features.pipeline.prepare import Preparation
from features.pipeline.reading import PictureReader
from features.pipeline.report import BuildSummary, Progress
from features.pipeline.tasks import Outcome, Task
from features.store import StoreWriter, read_manifest
from features.types import CatalogEntry, GalleryPicture, Metric, Product


def build_store(
    catalog: Iterable[CatalogEntry | RowError],
    pictures: PictureSource,
    store: Path,
    extractor: Extractor,
    *,
    cropper: Detector | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    keep_missing: bool = False,
    stamps: Path | None = None,
    purpose: str = "",
    metric: Metric | None = None,
    known: Known = nothing_known,
) -> BuildSummary:
    """Bring a store up to date with a catalogue.

    Rows are committed in segments as they come: an interrupted run (`KeyboardInterrupt` too) has
    stored what it did, and the next run does the rest. What the catalogue no longer names is
    removed at the end, unless a part of it cannot be read; a picture that cannot be read now keeps
    its earlier vector, and a product none of whose pictures can be read keeps its earlier ones.

    Args:
        cropper: finds the main item of each picture, which is then embedded instead of the whole.
        keep_missing: products that the catalogue does not name stay.
        stamps: a file that remembers unchanged pictures, so that the next run need not read them.
        purpose: what another writer is told while this one works.
        metric: how the store tells distances; None as it does, Euclidean for a new one.
        known: gives vectors that need no network.

    Raises:
        CatalogError: the catalogue has no usable product; the store stays as it is.
        StoreError: the store belongs to another extractor or writer, has another metric, or cannot
            be written.
    """
    started = time.monotonic()
    prepare = Preparation(extractor, cropper, limits)
    root_before = _pictures_root(store)
    with (
        UsableEntries(catalog) as entries,
        StoreWriter(store, prepare.spec, pictures.folder, purpose=purpose, metric=metric) as writer,
        StampBook(stamps) as book,
        Lots(prepare, extractor.embed_prepared, extractor.lot) as lots,
    ):
        gallery = GrowingGallery(writer, book)
        reader = PictureReader(
            pictures, book, limits, lots, prepare.watch, gallery.has_vector, known
        )
        run = _Run(gallery, reader, progress or Progress())
        run.extract(entries)
        removed = gallery.finish(keep_missing=keep_missing, complete=entries.complete)
        _keep_pictures(gallery.unread(), pictures, root_before)
    return BuildSummary(
        products=run.products,
        pictures=run.pictures,
        added=len(run.added),
        updated=len(run.updated | removed.shrunk),
        dropped=removed.products,
        new=run.new,
        reused=run.reused,
        removed=removed.pictures,
        failed=tuple(sorted((*entries.failed, *run.failed), key=lambda error: error.line or 0)),
        seconds=time.monotonic() - started,
        spared=removed.spared,
    )


@dataclass
class _Run:
    """The state of one run."""

    gallery: GrowingGallery
    reader: PictureReader
    progress: Progress
    products: int = 0
    pictures: int = 0
    unknown: set[str] = field(default_factory=set)
    """Products that the store did not have, whether or not they have pictures now."""
    added: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    new: int = 0
    reused: int = 0
    failed: list[RowError] = field(default_factory=list)

    def extract(self, entries: UsableEntries) -> None:
        """Embed what is missing; an interruption stores what is done."""
        self.progress.start(entries.pictures)
        try:
            with closing(self.reader.read_all(self._tasks(entries))) as outcomes:
                for task, outcome in outcomes:
                    self._settle(task, outcome)
                    self.progress.advance()
        finally:
            for task, outcome in self.reader.lots.rest():
                self._settle(task, outcome)
            self.gallery.commit()

    def _tasks(self, entries: Iterable[CatalogEntry]) -> Iterator[Task]:
        for entry in entries:
            self._meet(entry.product)
            self.pictures += len(entry.pictures)
            for picture in entry.pictures:
                known = self.gallery.content_of(entry.product.id, picture.location)
                yield Task(entry.product, picture, known)

    def _meet(self, product: Product) -> None:
        self.products += 1
        self.gallery.name(product)
        before = self.gallery.before.products.get(product.id)
        if before is None:
            self.unknown.add(product.id)
        elif before != product:
            self.updated.add(product.id)
            self.gallery.describe(product)

    def _settle(self, task: Task, outcome: Outcome) -> None:
        """Have the store follow what came of a picture."""
        if isinstance(outcome, RowError):
            self.failed.append(outcome)
            self.gallery.hold(task.product.id, task.picture.location)
        elif outcome.row.content_hash == task.known:
            self.reused += 1
            self.gallery.keep(task.product.id, task.picture.location)
        else:
            self._note_change(task.product)
            if outcome.vector is None or self.gallery.has_vector(outcome.row.content_hash):
                self.reused += 1
                self.gallery.add_alike(outcome.row, task.product)
            else:
                self.new += 1
                self.gallery.add(outcome.row, task.product, outcome.vector)

    def _note_change(self, product: Product) -> None:
        (self.added if product.id in self.unknown else self.updated).add(product.id)


def _pictures_root(store: Path) -> Path | None:
    try:
        return (store / read_manifest(store).pictures_root).resolve()
    except StoreNotFoundError:
        return None


def _keep_pictures(
    unread: Iterable[GalleryPicture], pictures: PictureSource, root_before: Path | None
) -> None:
    """The store finds its pictures in one folder: those of an earlier one are copied."""
    if root_before is None or pictures.folder is None or pictures.folder.resolve() == root_before:
        return
    for picture in unread:
        pictures.rescue(picture, PictureFolder(root_before))
