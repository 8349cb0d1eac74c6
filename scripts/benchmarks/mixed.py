"""A large store that is like a real one."""

from pathlib import Path

import numpy as np

from features.images import content_hash
from features.search import index_store
from features.store import StoreWriter, open_store
from features.types import GalleryPicture, Product, Vectors

_NOISE = 0.3  # of vectors of length 1
_SEGMENT = 10_000  # rows, about as an extraction writes them


def write_mixed_store(folder: Path, seed: Path, rows: int) -> None:
    """A store of products with a picture each: mixtures of two vectors of another store, and noise.

    It has its index, as one that extract_features.py has written.

    Vectors that no network made are unlike any photo's, and a search among them costs another time.
    """
    view = open_store(seed)
    vectors, random = view.vectors(np.flatnonzero(view.live)), np.random.default_rng(0)
    with StoreWriter(folder, view.spec, folder) as writer:
        for first in range(0, rows, _SEGMENT):
            count = min(_SEGMENT, rows - first)
            names = [str(number) for number in range(first, first + count)]
            pictures = [GalleryPicture(n, f"{n}.jpg", content_hash(n.encode())) for n in names]
            products = [Product(name, title=f"Product {name}") for name in names]
            writer.append(pictures, _mixed(vectors, count, random), products)
    index_store(folder)


def _mixed(vectors: Vectors, count: int, random: np.random.Generator) -> Vectors:
    one, other = vectors[random.integers(0, len(vectors), (2, count))]
    share = random.random((count, 1), dtype=np.float32)
    noise = random.standard_normal(one.shape, dtype=np.float32) * (_NOISE / one.shape[1] ** 0.5)
    mixed = share * one + (1 - share) * other + noise
    unit: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return unit
