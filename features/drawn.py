"""Drawn photos of a store's pictures, as vectors, where products have one picture each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.cores import usable_cores
from features.errors import VisualSearchError
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, decode
from features.pictures import PictureSource
from features.scenes import Cutout, cut_out, scene
from features.store import StoreView
from features.types import Vectors

_MOST_PICTURES = 200
_PHOTOS = 24


@dataclass(frozen=True, eq=False)
class DrawnPhotos:
    """Some rows of a store, and what photos of them may look like to its extractor."""

    rows: NDArray[np.int64]
    """Shape (n,)."""
    vectors: Vectors
    """Shape (n * photos of each, dim)."""
    shown: NDArray[np.int64]
    """Which of the rows each vector shows, from 0 on."""


def draw_photos(
    view: StoreView,
    extractor: Extractor,
    pictures: PictureSource,
    *,
    photos: int = _PHOTOS,
    limits: PictureLimits = DEFAULT_LIMITS,
) -> DrawnPhotos:
    """Photos of pictures evenly spread over the store; those that are gone are left out."""
    items = _items(view, extractor, pictures, limits)
    return DrawnPhotos(
        rows=np.array(list(items), dtype=np.int64),
        vectors=scene_vectors(list(items.values()), extractor, photos),
        shown=np.repeat(np.arange(len(items)), photos),
    )


def scene_vectors(items: Sequence[Cutout], extractor: Extractor, photos: int = _PHOTOS) -> Vectors:
    """Vectors of so many photos of each item, drawn on all cores: one item's, then the next's."""
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="draw") as pool:
        drawn = pool.map(lambda at: _embedded(items, at, photos, extractor), range(len(items)))
        return np.concatenate([np.empty((0, extractor.spec.dim), np.float32), *drawn])


def _items(
    view: StoreView, extractor: Extractor, pictures: PictureSource, limits: PictureLimits
) -> dict[int, Cutout]:
    live = np.flatnonzero(view.live)
    spread = np.linspace(0, len(live) - 1, min(len(live), _MOST_PICTURES)).astype(np.int64)
    items = {}
    for row in live[spread].tolist():
        picture = view.pictures[row]
        try:
            data = pictures.stored(picture.location, picture.content_hash, limits)
            items[row] = cut_out(decode(data, limits, detail=extractor.detail))
        except VisualSearchError:
            continue  # it is gone since; others will do
    return items


def _embedded(items: Sequence[Cutout], number: int, photos: int, extractor: Extractor) -> Vectors:
    others = [*items[:number], *items[number + 1 :]]
    drawn = [scene(items[number], others, number, photo) for photo in range(photos)]
    return extractor.embed(drawn)
