"""Ways of ranking a catalogue's pictures for a photo: one at a time, as a server is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from features.types import Vectors
from features.vectors import unit
from scripts.ablation.reciprocal import Reciprocal, Settings

Scores = NDArray[np.float32]
"""Of every picture, shape (pictures,): less is nearer."""
Rank = Callable[[Vectors], Scores]
"""From the vector of a photo, shape (dim,)."""

_SHORT_LIST = 200
_BEHIND = 10  # more than any distance of two vectors of length 1, squared or mixed


@dataclass(frozen=True)
class Ranking:
    """`rank` is made of a catalogue's vectors once; `best` pictures of a product count."""

    name: str
    kept: bool
    rank: Callable[[Vectors], Rank]
    best: int = 1


def by_distance(gallery: Vectors) -> Rank:
    """By squared distance, less the photo's own square, which is the same for all."""
    lengths = np.einsum("ij,ij->i", gallery, gallery)
    return lambda photo: lengths - 2 * (gallery @ photo)


def expanded(gallery: Vectors, count: int) -> Rank:
    """By distance from the photo with its nearest pictures added.

    Chum et al., "Total Recall", ICCV 2007.
    """
    plain = by_distance(gallery)

    def rank(photo: Vectors) -> Scores:
        nearest = np.argpartition(plain(photo), count - 1)[:count]
        return plain(unit((photo + gallery[nearest].sum(axis=0))[None])[0])

    return rank


def reciprocal(gallery: Vectors, settings: Settings | None = None) -> Rank:
    """A short list by the neighbours that it shares with the photo, the rest by distance."""
    plain, again = by_distance(gallery), Reciprocal(gallery, settings)
    count = min(_SHORT_LIST, len(gallery))

    def rank(photo: Vectors) -> Scores:
        scores = np.maximum(plain(photo) + photo @ photo, 0)
        nearest = np.argsort(scores, kind="stable")[:count]
        short = scores[nearest]
        scores += _BEHIND
        scores[nearest] = again.distances(photo, nearest, short)
        return scores

    return rank


def product_scores(scores: Scores, places: NDArray[np.int64], best: int) -> Scores:
    """Of every product: the mean of its `best` pictures. `places` are the products of pictures."""
    order = np.lexsort((scores, places))
    starts = np.searchsorted(places[order], np.arange(places.max() + 1))
    counts = np.minimum(np.diff(starts, append=len(order)), best)
    sums = np.zeros(len(starts), dtype=np.float32)
    for step in range(best):
        sums += np.where(step < counts, scores[order[starts + np.minimum(step, counts - 1)]], 0)
    means: Scores = (sums / counts).astype(np.float32)
    return means


NEAREST = Ranking("nearest picture", True, by_distance)
RANKINGS: Sequence[Ranking] = (
    NEAREST,
    Ranking("mean of a product's best two", False, by_distance, best=2),
    Ranking("photo expanded by 3 neighbours", False, partial(expanded, count=3)),
    Ranking("k-reciprocal neighbours of 200", False, reciprocal),
)
