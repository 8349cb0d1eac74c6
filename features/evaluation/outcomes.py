"""What a store answers to pictures with known answers: every distance, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.evaluation.probes import Kind, Probe
from features.filters.fields import category_steps
from features.store import StoreView
from features.types import Product, Vectors
from features.vectors import squared_distances

_SHOWN = 3
_CHUNK = 8_192  # rows of the store at once
_MOST = 25_000_000  # distances at once
_DECIMALS = 6  # nearer than this is a tie

_Distances = NDArray[np.float32]
_Places = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """A product, and the nearest of its pictures."""

    product: Product
    content_hash: str
    distance: float


@dataclass(frozen=True)
class Outcome:
    """What came of one picture. `rank` is the right product's, from 1; None if it is not there."""

    probe: Probe
    category: str
    """The right one, empty where that is unknown."""
    rank: int | None
    average_precision: float
    """The mean, over all pictures of the right product, of the share of its pictures among those
    at least as near; 0 if there are none."""
    found: tuple[Found, ...]
    """The first few products, nearest first."""
    right: Found | None
    right_pictures: int = 0
    """How many pictures of the right product could be found."""


class Scan:
    """All distances from some vectors to one version of a store. Ties go to the smaller id."""

    def __init__(self, view: StoreView) -> None:
        self._view = view
        self._rows = np.flatnonzero(view.live & (view.description_of >= 0))
        self._ids, self._owners = _products(view, self._rows)
        self._place = {product_id: place for place, product_id in enumerate(self._ids)}
        self._order = np.argsort(self._owners, kind="stable")
        self._starts = np.searchsorted(self._owners[self._order], np.arange(len(self._ids)))

    @property
    def batch(self) -> int:
        """How many pictures are best answered at once."""
        return max(1, min(512, _MOST // max(1, len(self._rows))))

    def outcomes(self, probes: Sequence[Probe], vectors: Vectors) -> list[Outcome]:
        """The answers to some pictures; `vectors` has the shape (len(probes), dim)."""
        distances = self._distances(vectors)
        return [self._outcome(*pair) for pair in zip(probes, distances, strict=True)]

    def _outcome(self, probe: Probe, distances: _Distances) -> Outcome:
        distances[self._hidden(probe)] = np.inf
        best = np.minimum.reduceat(distances[self._order], self._starts)
        found = tuple(self._found(place, distances) for place in _first(best, _SHOWN))
        place = self._place.get(probe.product_id)
        if place is None or not np.isfinite(best[place]):
            return Outcome(probe, _category(probe, None), None, 0.0, found, None)
        right, own = self._found(place, distances), self._of_product(place)
        return Outcome(
            probe,
            _category(probe, right.product),
            _rank(best, place),
            _average_precision(distances, own),
            found,
            right,
            int(np.isfinite(distances[own]).sum()),
        )

    def _hidden(self, probe: Probe) -> _Places:
        """What must not be found: the picture itself, where it is taken out.

        A picture that several products share tells them not apart: theirs are hidden too.
        """
        rows = self._view.rows_with(probe.content_hash) if probe.content_hash else []
        if probe.kind is Kind.ALTERED:
            own = set(self._view.rows_of(probe.product_id))
            rows = [row for row in rows if row not in own]
        described = np.asarray([row for row in rows if self._view.description_of[row] >= 0], int)
        return np.searchsorted(self._rows, described)

    def _found(self, place: int, distances: _Distances) -> Found:
        own = self._of_product(place)
        nearest = int(own[np.argmin(distances[own])])
        row = int(self._rows[nearest])
        picture = self._view.pictures[row]
        return Found(self._view.product_of(row), picture.content_hash, float(distances[nearest]))

    def _of_product(self, place: int) -> _Places:
        end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._order)
        return self._order[self._starts[place] : end]

    def _distances(self, vectors: Vectors) -> _Distances:
        """Shape (len(vectors), rows), in double precision until they are rounded."""
        wide = vectors.astype(np.float64)
        distances = np.empty((len(wide), len(self._rows)), dtype=np.float32)
        for first in range(0, len(self._rows), _CHUNK):
            part = self._view.vectors(self._rows[first : first + _CHUNK]).astype(np.float64)
            distances[:, first : first + len(part)] = np.sqrt(squared_distances(wide, part)).round(
                _DECIMALS
            )
        return distances


def _products(view: StoreView, rows: _Places) -> tuple[list[str], _Places]:
    """The ids of the products of some rows, in order, and the place there of each row's."""
    _, first, numbers = np.unique(view.owners[rows], return_index=True, return_inverse=True)
    ids = [view.pictures[row].product_id for row in rows[first].tolist()]
    by_id = sorted(range(len(ids)), key=ids.__getitem__)
    places = np.empty(len(ids), dtype=np.int64)
    places[by_id] = np.arange(len(ids))
    return [ids[number] for number in by_id], places[numbers]


def _first(best: _Distances, count: int) -> list[int]:
    """The places of the nearest products, by distance, then id."""
    near = np.flatnonzero(np.isfinite(best))
    if len(near) > count:
        near = near[best[near] <= np.partition(best[near], count - 1)[count - 1]]
    chosen: list[int] = near[np.argsort(best[near], kind="stable")][:count].tolist()
    return chosen


def _rank(best: _Distances, place: int) -> int:
    nearer = np.count_nonzero(best < best[place])
    return int(nearer + np.count_nonzero(best[:place] == best[place]) + 1)


def _average_precision(distances: _Distances, own: _Places) -> float:
    """Other pictures as near as one of the product's come before it."""
    right = np.sort(distances[own])
    right = right[np.isfinite(right)]
    others = np.searchsorted(right, np.delete(distances, own), side="left")
    before = np.cumsum(np.bincount(others, minlength=len(right) + 1))[: len(right)]
    found = np.arange(1, len(right) + 1)
    return float((found / (found + before)).mean())


def _category(probe: Probe, product: Product | None) -> str:
    """The whole path, as the photo's maker says it, else as the store does."""
    named = probe.photo.category if probe.photo is not None else ""
    category = named or ("" if product is None else product.category)
    return " > ".join(category_steps(category))
