"""Catalogue to store: decode, embed and write overlapped; only what the store lacks is done."""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.detection import DETAIL, Detector, main_item
from features.errors import CatalogError, RowError, VisualSearchError
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash, crop, decode, read_picture
from features.pictures import locate
from features.store import StoreView, StoreWriter
from features.types import (
    CatalogEntry,
    ExtractorSpec,
    GalleryPicture,
    Image,
    PictureRef,
    Pixels,
    Product,
    Vectors,
)

_BATCH = 32
_BATCHES_AHEAD = 2
_SEGMENT_ROWS = 2_048
_SEGMENT_SECONDS = 15.0


@dataclass(frozen=True)
class BuildSummary:
    """What a run did. `failed` holds one error for each row or picture that was not used."""

    products: int
    pictures: int
    new: int
    reused: int
    removed: int
    failed: tuple[RowError, ...]
    seconds: float

    @property
    def pictures_per_second(self) -> float:
        """New pictures a second, the time for everything else included."""
        return self.new / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class _Task:
    product: Product
    picture: PictureRef


@dataclass(frozen=True)
class _Loaded:
    """A picture that was read: `pixels` is None where the store has a vector of the same bytes."""

    row: GalleryPicture
    pixels: Pixels | None


@dataclass(frozen=True)
class _Prepared:
    """A picture that the network has yet to see."""

    row: GalleryPicture
    product: Product
    pixels: Pixels


@dataclass(frozen=True)
class _Embedding:
    """A batch whose vectors are on their way."""

    batch: Sequence[_Prepared]
    vectors: Future[Vectors]


class Progress:
    """Told of every picture that is done; the default tells nobody."""

    def start(self, total: int) -> None:
        """The number of pictures is known."""

    def advance(self) -> None:
        """One more picture is done, well or not."""


def build_store(
    catalog: Iterable[CatalogEntry | RowError],
    pictures_root: Path,
    store: Path,
    extractor: Extractor,
    *,
    cropper: Detector | None = None,
    limits: PictureLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> BuildSummary:
    """Bring a store up to date with a catalogue.

    Rows are committed in segments as they come: an interrupted run (`KeyboardInterrupt` too) has
    stored what it did, and the next run does the rest. Pictures that the catalogue no longer
    names are removed at the end; a picture that cannot be read now keeps its earlier vector.

    Args:
        cropper: finds the main item of each picture, which is then embedded instead of the whole.

    Raises:
        CatalogError: the catalogue has no usable product; the store stays as it is.
        StoreError: the store belongs to another extractor or writer, or cannot be written.
    """
    started = time.monotonic()
    failed: list[RowError] = []
    entries: list[CatalogEntry] = []
    for entry in catalog:
        failed.append(entry) if isinstance(entry, RowError) else entries.append(entry)
    if not entries:
        first = f": {failed[0]}" if failed else ""
        raise CatalogError(f"the catalogue has no usable product{first}")
    spec = extractor.spec if cropper is None else _cropped(extractor.spec, cropper)
    with StoreWriter(store, spec, pictures_root) as writer:
        run = _Run(writer, extractor, cropper, pictures_root, limits, progress or Progress())
        run.extract(entries)
        removed = run.finish(entries)
    return BuildSummary(
        products=len(entries),
        pictures=sum(len(entry.pictures) for entry in entries),
        new=run.new,
        reused=run.reused,
        removed=removed,
        failed=(*failed, *run.failed),
        seconds=time.monotonic() - started,
    )


@dataclass
class _Run:
    """The state of one run of the pipeline."""

    writer: StoreWriter
    extractor: Extractor
    cropper: Detector | None
    root: Path
    limits: PictureLimits
    progress: Progress
    new: int = 0
    reused: int = 0
    failed: list[RowError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._view = self.writer.view()
        self._row_of = _rows_by_picture(self._view)
        self._row_with = {picture.content_hash: row for picture, row in self._row_of.items()}
        self._kept: set[int] = set()
        self._unreadable: set[tuple[str, str]] = set()
        self._segment = _Pending()

    def extract(self, entries: Sequence[CatalogEntry]) -> None:
        """Embed what is missing, a segment at a time; an interruption stores what is done."""
        tasks = [_Task(entry.product, picture) for entry in entries for picture in entry.pictures]
        self.progress.start(len(tasks))
        try:
            self._embed_all(tasks)
        finally:
            self._commit()

    def finish(self, entries: Sequence[CatalogEntry]) -> int:
        """Store changed product data and drop what the catalogue no longer names."""
        changed = [e.product for e in entries if self._is_changed(e.product)]
        if changed:
            self.writer.append([], self._no_vectors(), changed)
        gone = [
            row
            for picture, row in self._row_of.items()
            if row not in self._kept
            and (picture.product_id, picture.location) not in self._unreadable
        ]
        self.writer.delete(gone)
        if self.writer.needs_compaction:
            self.writer.compact()
        return len(gone)

    def _embed_all(self, tasks: Sequence[_Task]) -> None:
        """Embed some batches ahead: the cores stay busy where one ends, and while rows commit."""
        ahead: deque[_Embedding] = deque()
        batch: list[_Prepared] = []
        with ThreadPoolExecutor(_BATCHES_AHEAD, thread_name_prefix="embed") as pool:
            try:
                for task, loaded in zip(tasks, self._load_ahead(tasks), strict=True):
                    batch.extend(self._to_embed(task, loaded))
                    if len(batch) == _BATCH:
                        ahead.append(_Embedding(batch, pool.submit(self._embed, batch)))
                        batch = []
                    if len(ahead) > _BATCHES_AHEAD:
                        self._add(ahead.popleft())
                    self.progress.advance()
                ahead.append(_Embedding(batch, pool.submit(self._embed, batch)))
            finally:
                for embedding in ahead:
                    self._add(embedding)

    def _to_embed(self, task: _Task, loaded: _Loaded | RowError) -> list[_Prepared]:
        """The picture if it needs the network; everything else is settled here."""
        if isinstance(loaded, RowError):
            self.failed.append(loaded)
            self._unreadable.add((task.product.id, task.picture.location))
        elif loaded.pixels is None:
            self._reuse(task, loaded.row)
        else:
            return [_Prepared(loaded.row, task.product, loaded.pixels)]
        return []

    def _embed(self, batch: Sequence[_Prepared]) -> Vectors:
        return self.extractor.embed_prepared([picture.pixels for picture in batch])

    def _add(self, embedding: _Embedding) -> None:
        vectors = embedding.vectors.result()
        for picture, vector in zip(embedding.batch, vectors, strict=True):
            self._segment.add(picture.row, picture.product, vector)
        self.new += len(embedding.batch)
        if self._segment.is_full:
            self._commit()

    def _reuse(self, task: _Task, picture: GalleryPicture) -> None:
        row = self._row_of.get(picture)
        if row is not None:
            self._kept.add(row)
        else:
            same = self._view.vector(self._row_with[picture.content_hash])
            self._segment.add(picture, task.product, same)
        self.reused += 1

    def _commit(self) -> None:
        pending, self._segment = self._segment, _Pending()
        if pending.pictures:
            vectors = np.stack(pending.vectors).astype(np.float32, copy=False)
            self.writer.append(pending.pictures, vectors, pending.products.values())

    def _load_ahead(self, tasks: Sequence[_Task]) -> Iterator[_Loaded | RowError]:
        """Results in the order of the tasks, read and decoded ahead on all cores."""
        workers = os.cpu_count() or 1
        waiting: deque[Future[_Loaded | RowError]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
            try:
                for task in tasks:
                    waiting.append(pool.submit(self._load, task))
                    if len(waiting) > 2 * _BATCH:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _load(self, task: _Task) -> _Loaded | RowError:
        location = task.picture.location
        try:
            data = read_picture(locate(self.root, location), self.limits)
            digest = content_hash(data)
            row = GalleryPicture(task.product.id, location, digest)
            if digest in self._row_with:
                return _Loaded(row, None)
            return _Loaded(row, self.extractor.prepare(self._picture(data)))
        except VisualSearchError as error:
            message = str(error) if location in str(error) else f"{location}: {error}"
            return RowError(message, line=task.picture.line, code=error.code)

    def _picture(self, data: bytes) -> Image:
        """The part of a picture to embed: the main item where one is clear, else the whole."""
        detail = self.extractor.detail
        if self.cropper is not None:
            item = main_item(self.cropper.detect(decode(data, self.limits, detail=DETAIL)))
            if item is not None:
                image = decode(data, self.limits, detail=detail, part=item.box)
                return crop(image, item.box)
        return decode(data, self.limits, detail=detail)

    def _is_changed(self, product: Product) -> bool:
        """True where the store knows the product, but not as the catalogue now describes it."""
        known = self._view.products.get(product.id)
        return known is not None and known != product

    def _no_vectors(self) -> NDArray[np.float32]:
        return np.empty((0, self.extractor.spec.dim), dtype=np.float32)


@dataclass
class _Pending:
    """Rows that wait to be committed together."""

    pictures: list[GalleryPicture] = field(default_factory=list)
    vectors: list[NDArray[np.float32]] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def add(self, picture: GalleryPicture, product: Product, vector: NDArray[np.float32]) -> None:
        self.pictures.append(picture)
        self.vectors.append(vector)
        self.products[product.id] = product

    @property
    def is_full(self) -> bool:
        """Enough rows for a segment, or as much time as one would like to lose."""
        old = time.monotonic() - self.since > _SEGMENT_SECONDS
        return len(self.pictures) >= _SEGMENT_ROWS or (old and bool(self.pictures))


def _cropped(spec: ExtractorSpec, cropper: Detector) -> ExtractorSpec:
    return replace(spec, crop=f"auto:{cropper.name}")


def _rows_by_picture(view: StoreView) -> dict[GalleryPicture, int]:
    return {view.pictures[row]: row for row in np.flatnonzero(view.live).tolist()}
