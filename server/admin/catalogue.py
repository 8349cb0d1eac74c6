"""What there is to search: products, pictures, and how many of each category."""

import threading
from collections import Counter
from dataclasses import dataclass
from itertools import chain, compress
from pathlib import Path

import numpy as np
from flask import current_app

from features.errors import VisualSearchError
from features.store import MANIFEST, StoreSet, StoreView, open_store
from server.services.loading import current_loader, current_settings

_MOST = 12


@dataclass(frozen=True)
class Catalogue:
    """The catalogue in numbers, as the store has it that is searched by default."""

    products: int
    pictures: int
    version: int
    changed: float
    """Seconds since 1970, UTC."""
    categories: tuple[tuple[str, int], ...]
    """The largest, with their products."""
    others: int
    """Categories that are not among these."""
    in_others: int
    """The products of those."""


class Categories:
    """Products by category: counted once for each version of a store. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._known: tuple[object, Counter[str]] = (None, Counter())
        self._lock = threading.Lock()

    def of(self, view: StoreView) -> Counter[str]:
        """How many products each category has; the empty one is that of products without any."""
        mark = (view.folder, view.version)
        with self._lock:
            if self._known[0] != mark:
                self._known = (mark, count_categories(view))
            return self._known[1]


def count_categories(view: StoreView) -> Counter[str]:
    """The categories of the products that can be found; no product is parsed for it."""
    current = np.zeros(len(view.descriptions), np.bool_)
    current[view.newest[view.found]] = True
    named = chain.from_iterable(part.descriptions.column("category") for part in view.parts)
    return Counter(compress(named, current.tolist()))


def catalogue() -> Catalogue | None:
    """The catalogue in numbers; None where there is none that can be read."""
    try:
        folder = StoreSet(current_settings().store).folder_of()
        view = _view(folder)
        changed = (folder / MANIFEST).stat().st_mtime
    except (VisualSearchError, OSError):
        return None
    counts = _categories().of(view)
    largest = tuple(counts.most_common(_MOST))
    return Catalogue(
        products=len(view.products),
        pictures=view.picture_count,
        version=view.version,
        changed=changed,
        categories=largest,
        others=len(counts) - len(largest),
        in_others=counts.total() - sum(count for _, count in largest),
    )


def _view(folder: Path) -> StoreView:
    """What is open for searching where that is so: a large store is not opened again."""
    loader = current_loader()
    if loader.ready:
        return loader.get().view
    return open_store(folder, in_part=True)


def _categories() -> Categories:
    categories: Categories = current_app.extensions["categories"]
    return categories
