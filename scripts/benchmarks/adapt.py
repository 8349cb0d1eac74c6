"""Adapting a large store, beside the discriminant that textbooks tell of, on the same vectors.

Each is done in a process of its own, one after the other, with all that belongs to it: the vectors
are read, learned from and judged with a part held out, learned from once more, and all are mapped.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.adaptation import Method
from features.adapting import adapt
from features.errors import VisualSearchError
from features.images import content_hash
from features.store import StoreSet, StoreWriter, open_store
from features.types import ExtractorSpec, GalleryPicture, Product, Vectors
from features.vectors import unit
from scripts.benchmarks.apart import apart
from scripts.benchmarks.memory import Peak
from scripts.benchmarks.table import as_table

_PLAIN = "clustered"
_LOT = 1_000  # products written at once
_SPREAD = 0.5
_LIGHT = 2.5  # what differs in a few directions between all pictures alike, as light does
_DIRECTIONS = 1 / 32  # of all numbers
_SHRINKAGE = 0.2
_MOST_DIMENSIONS = 256
_QUERIES = 1_000
_HELD_OUT = 3  # one in so many

Labels = NDArray[np.int64]


class NotAdaptedError(VisualSearchError):
    """A store was not adapted, so that there is nothing to measure."""

    code = "not_adapted"


@dataclass(frozen=True)
class WayFigures:
    """One way of doing it. `right` is the share of pictures held out whose nearest is right."""

    name: str
    seconds: float
    cpu_s: float
    own_mb: float
    """The most memory of its own on the way, without files that it has mapped."""
    right_before: float
    right: float


@dataclass(frozen=True)
class AdaptFigures:
    """Both ways, over the same vectors."""

    n: int
    dim: int
    each: int
    ways: tuple[WayFigures, ...]

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """A line a way."""
        head = ("way", "s", "times ours", "CPU s", "MB", "right before", "right")
        rows = [
            (
                way.name,
                f"{way.seconds:.1f}",
                f"{way.seconds / self.ways[0].seconds:.2f}",
                f"{way.cpu_s:.1f}",
                f"{way.own_mb:.0f}",
                f"{way.right_before:.3f}",
                f"{way.right:.3f}",
            )
            for way in self.ways
        ]
        title = f"{self.n} pictures, {self.each} of each product, {self.dim} numbers, all cores"
        return f"{title}\n\n{as_table(head, rows)}"


@dataclass(frozen=True)
class _Way:
    """`run` gives the share of right answers before and after."""

    name: str
    run: Callable[[StoreSet], tuple[float, float]]


def measure_adapting(n: int = 100_000, dim: int = 1280, each: int = 10) -> AdaptFigures:
    """Write a store of n pictures, so many of each product, and adapt it in both ways.

    Raises:
        AdaptationError: these are too few to learn from.
        NotAdaptedError: adapting them does not help.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_store(StoreSet(Path(folder)), n, dim, each)
        os.environ.pop("OPENBLAS_NUM_THREADS", None)  # benchmark.py sets it, adapt.py does not
        ways = tuple(apart(_measured, way, Path(folder)) for way in (_OURS, _TEXTBOOK))
    return AdaptFigures(n, dim, each, ways)


def _write_store(stores: StoreSet, n: int, dim: int, each: int) -> None:
    spec = ExtractorSpec(_PLAIN, dim, 1, "none", "0" * 64)
    folder = stores.place_for(spec.name)
    first = 0
    with StoreWriter(folder, spec, folder) as writer:
        for vectors in _lots(n, dim, each):
            numbers = range(first, first + len(vectors))
            owners = dict.fromkeys(f"{number // each}" for number in numbers)
            writer.append(
                [_picture(number, each) for number in numbers], vectors, map(_product, owners)
            )
            first += len(vectors)
    stores.add(spec.name, folder)


def _lots(n: int, dim: int, each: int) -> Iterator[Vectors]:
    """Pictures in the order of products: near their product's centre, each in its own light."""
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.standard_normal((dim, max(1, round(dim * _DIRECTIONS))))).Q
    light = (axes.T * _LIGHT * np.sqrt(dim / axes.shape[1])).astype(np.float32)
    for start in range(0, n, _LOT * each):
        count = min(_LOT * each, n - start)
        centres = random.standard_normal((-(-count // each), dim), dtype=np.float32)
        points = np.repeat(centres, each, axis=0)[:count]
        points += _SPREAD * random.standard_normal(points.shape, dtype=np.float32)
        points += random.standard_normal((count, len(light)), dtype=np.float32) @ light
        yield unit(points)


def _picture(number: int, each: int) -> GalleryPicture:
    return GalleryPicture(f"{number // each}", f"{number}.jpg", content_hash(b"%d" % number))


def _product(name: str) -> Product:
    return Product(name, title=f"Product {name}", category="Things")


def _measured(way: _Way, folder: Path) -> WayFigures:
    started, used = time.perf_counter(), time.process_time()
    with Peak() as peak:
        before, after = way.run(StoreSet(folder))
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - used
    return WayFigures(way.name, seconds, cpu_s, peak.megabytes, before, after)


def _adapted(stores: StoreSet) -> tuple[float, float]:
    """As `scripts/adapt.py` does it."""
    done = adapt(stores, Method.PRODUCT)
    if done.folder is None:
        raise NotAdaptedError("adapting these vectors does not help; measure with more of them")
    return done.verdict.plain, done.verdict.adapted


def _as_in_textbooks(stores: StoreSet) -> tuple[float, float]:
    """Fisher's discriminant with all eigenvectors of one large matrix."""
    view = open_store(stores.folder_of(_PLAIN))
    rows = np.flatnonzero(view.live)
    vectors = view.vectors(rows)
    owners = [view.pictures[row].product_id for row in rows.tolist()]
    labels = np.unique(np.array(owners), return_inverse=True)[1]
    held_out = rows % _HELD_OUT == _HELD_OUT - 1
    gallery, there = vectors[~held_out], labels[~held_out]
    some = np.linspace(0, held_out.sum() - 1, min(_QUERIES, int(held_out.sum()))).astype(np.int64)
    asking, wanted = vectors[held_out][some], labels[held_out][some]
    axes = _discriminant(gallery, np.unique(there, return_inverse=True)[1])
    before = _right(asking, gallery, wanted, there)
    after = _right(unit(asking @ axes), unit(gallery @ axes), wanted, there)
    unit(vectors @ _discriminant(vectors, labels))
    return before, after


def _discriminant(vectors: Vectors, labels: Labels) -> Vectors:
    """Shape (dim, adapted dim)."""
    counts = np.bincount(labels)[:, None]
    means = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(means, labels, vectors)
    means /= counts
    around = vectors - means[labels]
    within = around.T @ around / len(vectors)
    sphere = np.trace(within) / len(within) * np.eye(len(within))
    within = (1 - _SHRINKAGE) * within + _SHRINKAGE * sphere
    between = (means - vectors.mean(axis=0)) * np.sqrt(counts / len(vectors))
    values, axes = np.linalg.eig(np.linalg.solve(within, between.T @ between))
    leading = np.argsort(values.real)[::-1][:_MOST_DIMENSIONS]
    projection: Vectors = axes[:, leading].real.astype(np.float32)
    return projection


def _right(queries: Vectors, gallery: Vectors, wanted: Labels, there: Labels) -> float:
    """How often the nearest vector of length 1 is of the wanted product."""
    return float((there[(queries @ gallery.T).argmax(axis=1)] == wanted).mean())


_OURS = _Way("ours: scripts/adapt.py", _adapted)
_TEXTBOOK = _Way("numpy: scatter matrices, numpy.linalg.eig", _as_in_textbooks)
