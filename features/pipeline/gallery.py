"""What the store holds, as a run that changes it needs to know it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from features.pictures import StampBook
from features.store import StoreWriter
from features.types import GalleryPicture, Product, RowMask, Vectors

_SEGMENT_ROWS = 2_048
_SEGMENT_SECONDS = 15.0
_CHANGED_PRODUCTS = 10_000


class GrowingGallery:
    """Commits rows in segments as they come, and knows which rows of before are still named."""

    def __init__(self, writer: StoreWriter, stamps: StampBook) -> None:
        self._writer = writer
        self._stamps = stamps
        self.before = writer.view()
        """The store as the run found it."""
        self._view = self.before
        self._rows: dict[tuple[str, str], int] = {}
        self._row_with: dict[str, int] = {}
        self._times: dict[str, float] = {}
        live = np.flatnonzero(self.before.live).tolist()
        for row, picture in zip(live, self.before.live_pictures, strict=True):
            self._rows[picture.product_id, picture.location] = row
            self._row_with[picture.content_hash] = row
            self._note_time(picture)
        self._settled: RowMask = np.zeros(len(self.before.pictures), dtype=np.bool_)
        self._held: RowMask = self._settled.copy()
        self._named: RowMask = self._settled.copy()
        self._gone: RowMask = self._settled.copy()
        self._unread: set[str] = set()
        self._pending = _Pending()
        self._fresh: dict[str, Vectors] = {}
        self._changed: list[Product] = []
        self._replaced = 0

    def content_of(self, product_id: str, location: str) -> str | None:
        """The content that this picture of the product had before the run."""
        row = self._rows.get((product_id, location))
        return None if row is None else self.before.pictures[row].content_hash

    def has_vector(self, digest: str) -> bool:
        """Whether there is a vector of a picture with this content; for any thread."""
        return digest in self._fresh or digest in self._row_with

    def name(self, product: Product) -> None:
        """The catalogue names this product: its rows are not those of a vanished one."""
        self._named[self.before.rows_of(product.id)] = True

    def keep(self, product_id: str, location: str) -> None:
        """The row of this picture, which is as it was, stays."""
        self._settled[self._rows[product_id, location]] = True

    def hold(self, product_id: str, location: str) -> None:
        """This picture cannot be read: its earlier row stays, or those of a product left bare."""
        row = self._rows.get((product_id, location))
        if row is None:
            self._unread.add(product_id)
        else:
            self._held[row] = True

    def add(self, picture: GalleryPicture, product: Product, vector: Vectors) -> None:
        """A new row; it takes the place of the one that this picture of the product had before."""
        self._fresh[picture.content_hash] = vector
        self._add(picture, product, vector)

    def add_alike(self, picture: GalleryPicture, product: Product) -> None:
        """A new row with the vector of another picture of the same content."""
        picture = replace(picture, time_s=self._times.get(picture.content_hash))
        self._add(picture, product, self._vector(picture.content_hash))

    def describe(self, product: Product) -> None:
        """Store what is new about a product whose pictures stay as they are."""
        self._changed.append(product)
        if len(self._changed) >= _CHANGED_PRODUCTS:
            self._commit_changed()

    def commit(self) -> None:
        """Store the rows that wait."""
        pending, self._pending = self._pending, _Pending()
        if not pending.pictures:
            return
        vectors = np.stack(pending.vectors).astype(np.float32, copy=False)
        self._writer.append(
            pending.pictures, vectors, pending.products.values(), replacing=pending.replaced
        )
        self._settled[pending.replaced] = True
        self._replaced += len(pending.replaced)
        self._view = self._writer.view()
        first = len(self._view.live) - len(pending.pictures)
        for row, picture in enumerate(pending.pictures, start=first):
            self._row_with[picture.content_hash] = row
        self._fresh = {}
        self._stamps.flush()

    def finish(self, *, keep_missing: bool, complete: bool) -> "Removed":
        """Store what waits, and remove what the catalogue no longer names.

        Args:
            keep_missing: products that it does not name stay.
            complete: whether all of it could be read; if not, everything stays.
        """
        self.commit()
        self._commit_changed()
        self._hold_bare_products()
        self._gone = self.before.live & ~self._settled & ~self._held
        if keep_missing:
            self._gone &= self._named
        if not complete:
            self._gone[:] = False
        rows = np.flatnonzero(self._gone).tolist()
        missing = 0 if keep_missing else len(self._products_in(self.before.live & ~self._named))
        shrunk = self._products_in(self._gone & self._named)
        self._writer.delete(rows)
        if self._writer.needs_compaction:
            self._writer.compact()
        dropped, spared = (missing, 0) if complete else (0, missing)
        return Removed(dropped, spared, shrunk, self._replaced + len(rows))

    def unread(self) -> Iterator[GalleryPicture]:
        """The pictures of before that stay, although the finished run did not read them."""
        for row in np.flatnonzero(self.before.live & ~self._settled & ~self._gone).tolist():
            yield self.before.pictures[row]

    def _hold_bare_products(self) -> None:
        """Where no new picture can be read, the earlier ones are better than no product."""
        for product_id in self._unread:
            before = self.before.rows_of(product_id)
            added = len(self._view.rows_of(product_id)) > len(before)
            if not added and not (self._settled[before] | self._held[before]).any():
                self._held[before] = True

    def _products_in(self, rows: RowMask) -> set[str]:
        return {self.before.pictures[row].product_id for row in np.flatnonzero(rows).tolist()}

    def _note_time(self, picture: GalleryPicture) -> None:
        """Of a still, which another video of the same content has too."""
        if picture.time_s is not None:
            self._times[picture.content_hash] = picture.time_s

    def _add(self, picture: GalleryPicture, product: Product, vector: Vectors) -> None:
        self._note_time(picture)
        replaced = self._rows.get((picture.product_id, picture.location))
        self._pending.add(picture, product, vector, replaced)
        if self._pending.is_full:
            self.commit()

    def _vector(self, digest: str) -> Vectors:
        fresh = self._fresh.get(digest)
        return self._view.vector(self._row_with[digest]) if fresh is None else fresh

    def _commit_changed(self) -> None:
        changed, self._changed = self._changed, []
        if changed:
            none = np.empty((0, self.before.spec.dim), dtype=np.float32)
            self._writer.append([], none, changed)


@dataclass(frozen=True)
class Removed:
    """How many products and pictures left the store."""

    products: int
    spared: int
    """Products that would have, had all of the catalogue been read."""
    shrunk: set[str]
    """Those that lost pictures and stay."""
    pictures: int


@dataclass
class _Pending:
    """Rows that wait to be committed together."""

    pictures: list[GalleryPicture] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def add(
        self, picture: GalleryPicture, product: Product, vector: Vectors, replaced: int | None
    ) -> None:
        self.pictures.append(picture)
        self.vectors.append(vector)
        self.products[product.id] = product
        if replaced is not None:
            self.replaced.append(replaced)

    @property
    def is_full(self) -> bool:
        """Enough rows for a segment, or as much time as one would like to lose."""
        old = time.monotonic() - self.since > _SEGMENT_SECONDS
        return len(self.pictures) >= _SEGMENT_ROWS or (old and bool(self.pictures))
