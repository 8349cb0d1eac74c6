"""What a feed would change, told before anything is touched: no picture is read or fetched."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.errors import RowError
from features.pipeline.entries import UsableEntries
from features.store import StoreView
from features.types import CatalogEntry


@dataclass(frozen=True)
class SyncPlan:
    """What a run would do, as far as the feed alone tells.

    A picture that changed behind the same path or address shows only in the run itself; so does
    one that cannot be read.
    """

    products: int
    pictures: int
    added: int
    updated: int
    dropped: int
    new_pictures: int
    removed_pictures: int
    failed: tuple[RowError, ...]
    spared: int
    """Products that stay only because the feed cannot be read whole."""


def plan_sync(
    catalog: Iterable[CatalogEntry | RowError],
    view: StoreView | None,
    *,
    keep_missing: bool = False,
) -> SyncPlan:
    """Compare a catalogue with a store, or with none.

    Raises:
        CatalogError: the catalogue has no usable product.
    """
    counts = _Counts(view)
    with UsableEntries(catalog) as entries:
        for entry in entries:
            counts.add(entry)
    missing, pictures = (0, 0) if keep_missing else counts.missing()
    whole = entries.complete
    return SyncPlan(
        products=counts.products,
        pictures=counts.pictures,
        added=counts.added,
        updated=counts.updated + (counts.shrunk if whole else 0),
        dropped=missing if whole else 0,
        new_pictures=counts.new_pictures,
        removed_pictures=counts.removed_pictures + pictures if whole else 0,
        failed=tuple(entries.failed),
        spared=0 if whole else missing,
    )


class _Counts:
    """Grows entry by entry; of the store, only which rows were met is remembered."""

    def __init__(self, view: StoreView | None) -> None:
        self._view = view
        self._met = np.zeros(0 if view is None else len(view.pictures), dtype=np.bool_)
        self.products = self.pictures = 0
        self.added = self.updated = self.shrunk = 0
        self.new_pictures = self.removed_pictures = 0

    def add(self, entry: CatalogEntry) -> None:
        """Count one product of the catalogue."""
        self.products += 1
        self.pictures += len(entry.pictures)
        view = self._view
        before = None if view is None else view.products.get(entry.product.id)
        if view is None or before is None:
            self.added += 1
            self.new_pictures += len(entry.pictures)
            return
        rows = view.rows_of(entry.product.id)
        self._met[rows] = True
        had = {view.pictures[row].location for row in rows}
        named = {picture.location for picture in entry.pictures}
        self.new_pictures += len(named - had)
        self.removed_pictures += len(had - named)
        changed = before != entry.product or bool(named - had)
        self.updated += changed
        self.shrunk += not changed and bool(had - named)

    def missing(self) -> tuple[int, int]:
        """Products and pictures of the store that the catalogue does not name."""
        if self._view is None:
            return 0, 0
        missing = self._view.owners[self._view.live & ~self._met]
        return len(np.unique(missing)), len(missing)
