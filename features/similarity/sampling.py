"""The two samples of a store: pictures that play the shopper's photo, and what they are near."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.extractors import Extractor
from features.similarity.photographed import as_photographed
from features.store import StoreView
from features.types import GalleryPicture, Image, Vectors

ReadPicture = Callable[[GalleryPicture], Image | None]
"""The decoded picture of a row; None where it cannot be had."""

_PICTURES = 300
_OTHERS = 20  # pictures of other products for each that plays
_BATCH = 32


@dataclass(frozen=True)
class Samples:
    """Distances of each playing picture to its own product, and to some other ones."""

    same: NDArray[np.float64]
    other: NDArray[np.float64]


@dataclass(frozen=True)
class _Player:
    """A vector that plays the shopper's photo of a product.

    `hidden` are rows that it must not meet: itself.
    """

    vector: Vectors
    product_id: str
    hidden: frozenset[int]


def sample_distances(
    view: StoreView,
    extractor: Extractor | None = None,
    read: ReadPicture | None = None,
    *,
    pictures: int = _PICTURES,
) -> Samples:
    """Let some hundred pictures play the shopper's photo.

    They are photographed anew (see `as_photographed`). Without an extractor or a way to read them,
    a picture of a product with several is taken out and plays; others play no part. That flatters:
    the pictures of a product are often of one place and one moment.
    """
    random = np.random.default_rng(0)
    rows = random.permutation(np.flatnonzero(view.live))[:pictures].tolist()
    if extractor is None or read is None:
        return _distances(view, _left_out(view, rows), random)
    return _distances(view, _photographed(view, rows, extractor, read, random), random)


def _left_out(view: StoreView, rows: Sequence[int]) -> list[_Player]:
    owners = [view.pictures[row].product_id for row in rows]
    return [
        _Player(view.vector(row), owner, frozenset([row]))
        for row, owner in zip(rows, owners, strict=True)
        if len(view.rows_of(owner)) > 1
    ]


def _photographed(
    view: StoreView,
    rows: Sequence[int],
    extractor: Extractor,
    read: ReadPicture,
    random: np.random.Generator,
) -> list[_Player]:
    players: list[_Player] = []
    waiting: list[tuple[str, Image]] = []
    for row in rows:
        image = read(view.pictures[row])
        if image is not None:
            waiting.append((view.pictures[row].product_id, as_photographed(image, random)))
        if len(waiting) == _BATCH:
            players += _embedded(waiting, extractor)
            waiting = []
    return players + _embedded(waiting, extractor)


def _embedded(pictures: Sequence[tuple[str, Image]], extractor: Extractor) -> list[_Player]:
    vectors = extractor.embed([image for _, image in pictures])
    return [
        _Player(vector, product_id, frozenset())
        for (product_id, _), vector in zip(pictures, vectors, strict=True)
    ]


def _distances(view: StoreView, players: Sequence[_Player], random: np.random.Generator) -> Samples:
    live = np.flatnonzero(view.live)
    same: list[float] = []
    other: list[float] = []
    for player in players:
        own = view.rows_of(player.product_id)
        seen = [row for row in own if row not in player.hidden]
        same.append(_to(player, view, seen).min(initial=np.inf))
        other.extend(_to(player, view, _some_but(own, live, random)).tolist())
    return Samples(_finite(same), _finite(other))


def _to(player: _Player, view: StoreView, rows: Sequence[int]) -> NDArray[np.float64]:
    """The distances of some rows, ascending."""
    apart = view.vectors(np.array(rows, dtype=np.int64)) - player.vector.astype(np.float64)
    distances: NDArray[np.float64] = np.linalg.norm(apart, axis=1)
    return distances


def _some_but(
    own: Sequence[int], live: NDArray[np.int64], random: np.random.Generator
) -> Sequence[int]:
    """Rows that are drawn from the live ones without those of the product itself, ascending.

    All are drawn anew: some may come twice.
    """
    count = len(live) - len(own)
    if not count:
        return []
    drawn = random.integers(0, count, _OTHERS)
    # How many others there are before each of its own: so many own ones are to be passed over.
    before = np.searchsorted(live, own) - np.arange(len(own))
    rows: list[int] = live[drawn + np.searchsorted(before, drawn, side="right")].tolist()
    return sorted(rows)


def _finite(distances: Sequence[float]) -> NDArray[np.float64]:
    found = np.array(distances, dtype=np.float64)
    return found[np.isfinite(found)]
