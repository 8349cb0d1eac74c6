"""A large store that is like a real one."""

from pathlib import Path

import numpy as np

from features.images import content_hash
from features.search import index_store
from features.store import StoreWriter, open_store
from features.types import GalleryPicture, Product, Vectors
from features.vectors import unit
from scripts.benchmarks.clustered import EACH, SPREAD

_SEGMENT = 10_000  # rows, about as an extraction writes them


def write_large_store(folder: Path, seed: Path, rows: int) -> None:
    """A store of products with a picture each, around mixtures of two vectors of another store.

    A hundred share a centre, as in the other measurements. It has its index, as one that
    extract_features.py has written.

    Vectors that no network made are unlike any photo's, and a search among them costs another time.
    """
    view = open_store(seed)
    vectors, random = view.vectors(np.flatnonzero(view.live)), np.random.default_rng(0)
    centres = _mixtures(vectors, max(1, rows // EACH), random)
    with StoreWriter(folder, view.spec, folder) as writer:
        for first in range(0, rows, _SEGMENT):
            count = min(_SEGMENT, rows - first)
            names = [str(number) for number in range(first, first + count)]
            pictures = [GalleryPicture(n, f"{n}.jpg", content_hash(n.encode())) for n in names]
            products = [Product(name, title=f"Product {name}") for name in names]
            writer.append(pictures, _around(centres, count, random), products)
    index_store(folder)


def _mixtures(vectors: Vectors, count: int, random: np.random.Generator) -> Vectors:
    one, other = vectors[random.integers(0, len(vectors), (2, count))]
    share = random.random((count, 1), dtype=np.float32)
    return unit(share * one + (1 - share) * other)


def _around(centres: Vectors, count: int, random: np.random.Generator) -> Vectors:
    points = centres[random.integers(len(centres), size=count)]
    spread = SPREAD / points.shape[1] ** 0.5  # of numbers whose squares come to 1 together
    return unit(points + spread * random.standard_normal(points.shape, dtype=np.float32))
