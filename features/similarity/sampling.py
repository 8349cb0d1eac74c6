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

_PRODUCTS = 300
_BATCH = 32
_CHUNK = 8_192


@dataclass(frozen=True)
class Samples:
    """Distances of each playing picture to its own product and to the nearest other one."""

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
    products: int = _PRODUCTS,
) -> Samples:
    """Let some hundred pictures play the shopper's photo.

    Of a product with several pictures one is taken out and plays. The picture of any other product
    is photographed anew (see `as_photographed`), where an extractor and a way to read it is given.
    """
    random = np.random.default_rng(0)
    ids = view.product_ids
    chosen = random.permutation(len(ids))[:products]
    rows = {ids[number]: view.rows_of(ids[number]) for number in chosen}
    players = [_left_out(view, key, found, random) for key, found in rows.items() if len(found) > 1]
    if extractor is not None and read is not None:
        single = {key: found[0] for key, found in rows.items() if len(found) == 1}
        players += _photographed(view, single, extractor, read, random)
    return _distances(view, players)


def _left_out(
    view: StoreView, product_id: str, rows: Sequence[int], random: np.random.Generator
) -> _Player:
    row = int(random.choice(rows))
    return _Player(view.vector(row), product_id, frozenset([row]))


def _photographed(
    view: StoreView,
    rows: dict[str, int],
    extractor: Extractor,
    read: ReadPicture,
    random: np.random.Generator,
) -> list[_Player]:
    players: list[_Player] = []
    waiting: list[tuple[str, Image]] = []
    for product_id, row in rows.items():
        image = read(view.pictures[row])
        if image is not None:
            waiting.append((product_id, as_photographed(image, random)))
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


def _distances(view: StoreView, players: Sequence[_Player]) -> Samples:
    if not players:
        return Samples(np.zeros(0), np.zeros(0))
    squared = _squared_distances(view, np.stack([player.vector for player in players]))
    squared[:, ~view.live] = np.inf
    same, other = [], []
    for player, row in zip(players, squared, strict=True):
        row[list(player.hidden)] = np.inf
        own = view.rows_of(player.product_id)
        same.append(row[own].min(initial=np.inf))
        row[own] = np.inf
        other.append(row.min(initial=np.inf))
    return Samples(_finite(same), _finite(other))


def _squared_distances(view: StoreView, vectors: Vectors) -> NDArray[np.float32]:
    """Shape (len(vectors), rows)."""
    squared = np.empty((len(vectors), len(view.live)), dtype=np.float32)
    lengths = np.einsum("ij,ij->i", vectors, vectors)[:, None]
    start = 0
    for block in view.blocks:
        for first in range(0, len(block), _CHUNK):
            part = np.asarray(block[first : first + _CHUNK])
            own = np.einsum("ij,ij->i", part, part)[None]
            squared[:, start : start + len(part)] = lengths + own - 2 * (vectors @ part.T)
            start += len(part)
    return np.maximum(squared, 0)


def _finite(squared: Sequence[float]) -> NDArray[np.float64]:
    distances = np.sqrt(np.array(squared, dtype=np.float64))
    return distances[np.isfinite(distances)]
