"""Search: this project's indexes beside what else one would use, by turns in one run."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.index import DEFAULT_INDEX, IndexPlace, build_index, save_index
from features.types import Vectors
from scripts.benchmarks.clustered import clustered_file
from scripts.benchmarks.table import as_table

_BLOCK = 4096
_PAUSE_S = 0.02
_TURN = 10
_ROOM = 4  # times the vectors: what code that makes arrays of their size needs in memory

LIMIT = "limit of any scan"

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
    recall: float | None
    """None for the limit, which finds nothing."""
    build_s: float
    bytes: int


@dataclass(frozen=True)
class _Engine:
    name: str
    find: Finder
    build_s: float
    bytes: int


def measure_search(
    *,
    n: int = 10_000,
    dim: int = 1280,
    k: int = 20,
    queries: int = 50,
    centres: int | None = None,
    seed: int = 0,
) -> list[SearchFigures]:
    """Time every engine on every query: some queries a turn, the turns in changing order.

    Args:
        centres: what the vectors lie around; by default one for each hundred vectors.
    """
    random = np.random.default_rng(seed)
    k = min(k, n)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        photos = clustered_file(path, random, n, queries, dim, centres)
        vectors: Vectors = np.load(path, mmap_mode="r").view(np.ndarray)
        engines = [
            engine for build in _BUILDERS if (engine := build(vectors, Path(folder))) is not None
        ]
        for engine in engines:
            for photo in photos[:_TURN]:
                engine.find(photo, k)  # first searches start threads and map pages
        times: dict[str, list[float]] = {engine.name: [] for engine in engines}
        recalls: dict[str, list[float]] = {engine.name: [] for engine in engines}
        for start in range(0, queries, _TURN):
            turn = photos[start : start + _TURN]
            distances = [_true_distances(vectors, photo) for photo in turn]
            for place in random.permutation(len(engines)):
                engine = engines[place]
                time.sleep(_PAUSE_S)  # OpenMP threads of the engine before spin for a while
                engine.find(turn[0], k)  # the processor's caches hold what another engine read
                for photo, true in zip(turn, distances, strict=True):
                    started = time.perf_counter()
                    rows = engine.find(photo, k)
                    times[engine.name].append((time.perf_counter() - started) * 1000)
                    recalls[engine.name].append(_recall(rows, true, k))
    return [
        SearchFigures(
            engine=engine.name,
            n=n,
            dim=dim,
            p50_ms=float(np.median(times[engine.name])),
            p95_ms=float(np.percentile(times[engine.name], 95)),
            recall=None if engine.name == LIMIT else float(np.mean(recalls[engine.name])),
            build_s=engine.build_s,
            bytes=engine.bytes,
        )
        for engine in engines
    ]


def as_json(figures: Sequence[SearchFigures]) -> list[dict[str, str | float | None]]:
    """One object an engine."""
    return [asdict(one) for one in figures]


def as_text(figures: Sequence[SearchFigures]) -> str:
    """One line an engine; `x ours` is its median as a multiple of this project's."""
    ours = figures[0].p50_ms
    head = ("engine", "n", "dim", "p50 ms", "p95 ms", "x ours", "recall", "build s", "MB")
    rows = [
        (
            one.engine,
            f"{one.n}",
            f"{one.dim}",
            f"{one.p50_ms:.2f}",
            f"{one.p95_ms:.2f}",
            f"{one.p50_ms / ours:.2f}",
            "" if one.recall is None else f"{one.recall:.4f}",
            f"{one.build_s:.3f}",
            f"{one.bytes / 1e6:.1f}",
        )
        for one in figures
    ]
    return as_table(head, rows)


def _true_distances(gallery: Vectors, query: Vectors) -> NDArray[np.float64]:
    """Squared distances in float64, in blocks to spare memory."""
    exact = query.astype(np.float64)
    blocks = (gallery[start : start + _BLOCK] for start in range(0, len(gallery), _BLOCK))
    return np.concatenate([((block - exact) ** 2).sum(axis=1) for block in blocks])


def _recall(rows: Rows, distances: NDArray[np.float64], k: int) -> float:
    """The share of k that is as near as the true k-th; rows that tie with it count."""
    farthest = np.partition(distances, k - 1)[k - 1]
    found = np.unique(np.asarray(rows, dtype=np.int64))
    return float((distances[found] <= farthest).sum() / k)


def _ours(vectors: Vectors, folder: Path) -> _Engine | None:
    return _ours_as("ours", DEFAULT_INDEX, vectors, folder / "auto")


def _ours_exact(vectors: Vectors, folder: Path) -> _Engine | None:
    return _ours_as("ours: exact", "exact", vectors, folder / "exact")


def _ours_ivfpq(vectors: Vectors, folder: Path) -> _Engine | None:
    """Only where it differs: smaller galleries are searched exactly whatever is named."""
    index = _ours_as("ours: ivfpq", "ivfpq", vectors, folder / "ivfpq")
    return index if (folder / "ivfpq").exists() else None


def _ours_as(name: str, index: str, vectors: Vectors, folder: Path) -> _Engine:
    """As a server has it: saved, memory-mapped, the vectors themselves in the store."""
    started = time.perf_counter()
    place = IndexPlace(folder, ("all",))
    save_index([vectors], place, index)
    built = build_index([vectors], index, place=place)
    seconds = time.perf_counter() - started
    saved = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    def find(query: Vectors, k: int) -> Rows:
        return [neighbour.row for neighbour in built.search(query[None], k)[0]]

    return _Engine(name, find, seconds, vectors.nbytes + saved)


def _naive(vectors: Vectors, _: Path) -> _Engine | None:
    """What tutorials do: a temporary array as large as the gallery, and a full sort."""
    if not _fits(vectors):
        return None
    started = time.perf_counter()
    loaded = np.array(vectors)

    def find(query: Vectors, k: int) -> Rows:
        order: NDArray[np.int64] = np.argsort(((loaded - query) ** 2).sum(axis=1))
        return order[:k]

    return _Engine("naive loop", find, time.perf_counter() - started, loaded.nbytes)


def _numpy(vectors: Vectors, _: Path) -> _Engine | None:
    """The common better way: squared norms, one matrix product, a partial sort."""
    started = time.perf_counter()
    squares = np.einsum("ij,ij->i", vectors, vectors)

    def find(query: Vectors, k: int) -> Rows:
        distances = squares - 2 * (vectors @ query)
        nearest = np.argpartition(distances, k - 1)[:k]
        return nearest[np.argsort(distances[nearest])]

    seconds = time.perf_counter() - started
    return _Engine("numpy", find, seconds, vectors.nbytes + squares.nbytes)


def _faiss(vectors: Vectors, _: Path) -> _Engine | None:
    return _faiss_engine("faiss flat", vectors, None)


def _faiss_one_thread(vectors: Vectors, _: Path) -> _Engine | None:
    return _faiss_engine("faiss flat, 1 thread", vectors, 1)


def _faiss_engine(name: str, vectors: Vectors, threads: int | None) -> _Engine | None:
    import faiss

    if not _fits(vectors):
        return None
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


def _usearch_exact(vectors: Vectors, _: Path) -> _Engine | None:
    """Its exhaustive search, over half-precision copies."""
    try:
        from usearch.index import search
    except ImportError:
        return None
    started = time.perf_counter()
    halves = vectors.astype(np.float16)

    def find(query: Vectors, k: int) -> Rows:
        found: NDArray[np.int64] = search(
            halves, query.astype(np.float16), k, "l2sq", exact=True
        ).keys
        return found.astype(np.int64)

    return _Engine("usearch exact, f16", find, time.perf_counter() - started, halves.nbytes)


def _usearch_graph(vectors: Vectors, _: Path) -> _Engine | None:
    """Its graph over bytes, with its defaults and no look at the vectors afterwards."""
    try:
        from usearch.index import Index
    except ImportError:
        return None
    started = time.perf_counter()
    index = Index(ndim=vectors.shape[1], metric="l2sq", dtype="i8")
    index.add(np.arange(len(vectors)), vectors)

    def find(query: Vectors, k: int) -> Rows:
        found: NDArray[np.int64] = index.search(query, k).keys.astype(np.int64)
        return found

    return _Engine("usearch hnsw, i8", find, time.perf_counter() - started, index.memory_usage)


def _limit(vectors: Vectors, _: Path) -> _Engine | None:
    """What any scan of the vectors takes at least: every number is read once."""

    def find(query: Vectors, k: int) -> Rows:
        vectors @ query
        return []

    return _Engine(LIMIT, find, 0.0, vectors.nbytes)


def _fits(vectors: Vectors) -> bool:
    """Whether code that makes arrays as large as the gallery has the memory for it."""
    pages, size = os.sysconf("SC_AVPHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return _ROOM * vectors.nbytes < pages * size


_BUILDERS = (
    _ours,
    _ours_exact,
    _ours_ivfpq,
    _naive,
    _numpy,
    _faiss,
    _faiss_one_thread,
    _usearch_exact,
    _usearch_graph,
    _limit,
)
