"""Search: this project's indexes beside what else one would use, query by query in one run."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.index import DEFAULT_INDEX, build_index
from features.types import Vectors
from scripts.benchmarks.table import as_table

_CLUSTERS = 100
_SPREAD = 0.5
_BLOCK = 4096
_PAUSE_S = 0.02

Rows = Sequence[int] | NDArray[np.int64]
Finder = Callable[[Vectors, int], Rows]
"""A query of shape (dim,) and k to the rows found."""


@dataclass(frozen=True)
class SearchFigures:
    """One engine. `bytes` is all that it keeps within reach, memory-mapped files included."""

    engine: str
    n: int
    dim: int
    p50_ms: float
    p95_ms: float
    recall: float
    build_s: float
    bytes: int


@dataclass(frozen=True)
class _Engine:
    name: str
    find: Finder
    build_s: float
    bytes: int


def measure_search(
    *, n: int = 10_000, dim: int = 1280, k: int = 20, queries: int = 50, seed: int = 0
) -> list[SearchFigures]:
    """Time every engine on every query, in an order that changes with each query."""
    random = np.random.default_rng(seed)
    gallery, photos = clustered(random, n, queries, dim)
    k = min(k, n)
    with _mapped(gallery) as vectors:
        engines = [build(vectors) for build in _BUILDERS]
        for engine in engines:
            engine.find(photos[0], k)  # the first search starts threads and maps pages
        times: dict[str, list[float]] = {engine.name: [] for engine in engines}
        recalls: dict[str, list[float]] = {engine.name: [] for engine in engines}
        for photo in photos:
            distances = _true_distances(gallery, photo)
            for place in random.permutation(len(engines)):
                engine = engines[place]
                time.sleep(_PAUSE_S)  # OpenMP threads of the engine before spin for a while
                started = time.perf_counter()
                rows = engine.find(photo, k)
                times[engine.name].append((time.perf_counter() - started) * 1000)
                recalls[engine.name].append(_recall(rows, distances, k))
    return [
        SearchFigures(
            engine=engine.name,
            n=n,
            dim=dim,
            p50_ms=float(np.median(times[engine.name])),
            p95_ms=float(np.percentile(times[engine.name], 95)),
            recall=float(np.mean(recalls[engine.name])),
            build_s=engine.build_s,
            bytes=engine.bytes,
        )
        for engine in engines
    ]


def as_json(figures: Sequence[SearchFigures]) -> list[dict[str, str | float]]:
    """One object an engine."""
    return [asdict(one) for one in figures]


def as_text(figures: Sequence[SearchFigures]) -> str:
    """One line an engine."""
    head = ("engine", "n", "dim", "p50 ms", "p95 ms", "recall", "build s", "MB")
    rows = [
        (
            one.engine,
            f"{one.n}",
            f"{one.dim}",
            f"{one.p50_ms:.2f}",
            f"{one.p95_ms:.2f}",
            f"{one.recall:.4f}",
            f"{one.build_s:.3f}",
            f"{one.bytes / 1e6:.1f}",
        )
        for one in figures
    ]
    return as_table(head, rows)


def clustered(
    random: np.random.Generator, n: int, queries: int, dim: int
) -> tuple[Vectors, Vectors]:
    """Gallery and queries of length 1 around common centres, as pictures of products lie."""
    centres = random.standard_normal((_CLUSTERS, dim), dtype=np.float32)
    points = centres[random.integers(_CLUSTERS, size=n + queries)]
    points += _SPREAD * random.standard_normal(points.shape, dtype=np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points[:n], points[n:]


@contextmanager
def _mapped(vectors: Vectors) -> Iterator[Vectors]:
    """The vectors in a memory-mapped file, as a store has them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        np.save(path, vectors)
        yield np.load(path, mmap_mode="r").view(np.ndarray)


def _true_distances(gallery: Vectors, query: Vectors) -> NDArray[np.float64]:
    """Squared distances in float64, in blocks to spare memory."""
    exact = query.astype(np.float64)
    blocks = (gallery[start : start + _BLOCK] for start in range(0, len(gallery), _BLOCK))
    return np.concatenate([((block - exact) ** 2).sum(axis=1) for block in blocks])


def _recall(rows: Rows, distances: NDArray[np.float64], k: int) -> float:
    """The share of k that is as near as the true k-th; rows that tie with it count."""
    farthest = np.partition(distances, k - 1)[k - 1]
    return float((distances[np.unique(rows)] <= farthest).sum() / k)


def _ours(vectors: Vectors) -> _Engine:
    return _index_engine("ours", DEFAULT_INDEX, vectors, vectors.nbytes + 4 * len(vectors))


def _ours_faiss(vectors: Vectors) -> _Engine:
    return _index_engine("ours:faiss", "faiss", vectors, 2 * vectors.nbytes)


def _index_engine(name: str, index: str, vectors: Vectors, size: int) -> _Engine:
    started = time.perf_counter()
    built = build_index([vectors], index)

    def find(query: Vectors, k: int) -> Rows:
        return [neighbour.row for neighbour in built.search(query[None], k)[0]]

    return _Engine(name, find, time.perf_counter() - started, size)


def _naive(vectors: Vectors) -> _Engine:
    """What tutorials do: a temporary array as large as the gallery, and a full sort."""
    started = time.perf_counter()
    loaded = np.array(vectors)

    def find(query: Vectors, k: int) -> Rows:
        order: NDArray[np.int64] = np.argsort(((loaded - query) ** 2).sum(axis=1))
        return order[:k]

    return _Engine("naive loop", find, time.perf_counter() - started, loaded.nbytes)


def _numpy(vectors: Vectors) -> _Engine:
    """The common better way: squared norms, one matrix product, a partial sort."""
    started = time.perf_counter()
    loaded = np.array(vectors)
    squares = (loaded**2).sum(axis=1)

    def find(query: Vectors, k: int) -> Rows:
        distances = squares - 2 * (loaded @ query)
        nearest = np.argpartition(distances, k - 1)[:k]
        return nearest[np.argsort(distances[nearest])]

    seconds = time.perf_counter() - started
    return _Engine("numpy", find, seconds, loaded.nbytes + squares.nbytes)


def _faiss(vectors: Vectors) -> _Engine:
    return _faiss_engine("faiss flat", vectors, None)


def _faiss_one_thread(vectors: Vectors) -> _Engine:
    return _faiss_engine("faiss flat, 1 thread", vectors, 1)


def _faiss_engine(name: str, vectors: Vectors, threads: int | None) -> _Engine:
    import faiss

    library: Any = faiss  # its stubs lag behind the parameters it takes
    default = library.omp_get_max_threads()
    started = time.perf_counter()
    index = library.IndexFlatL2(vectors.shape[1])
    index.add(vectors)

    def find(query: Vectors, k: int) -> Rows:
        library.omp_set_num_threads(threads or default)
        try:
            found: NDArray[np.int64] = index.search(query[None], k)[1][0]
            return found
        finally:
            library.omp_set_num_threads(default)

    return _Engine(name, find, time.perf_counter() - started, vectors.nbytes)


_BUILDERS = (_ours, _ours_faiss, _naive, _numpy, _faiss, _faiss_one_thread)
