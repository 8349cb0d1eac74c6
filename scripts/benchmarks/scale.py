"""A store far beyond memory's comfort: how long its index takes, and what searches of it cost.

The index is built in one process and searched in another, as on a real machine; the memory of each
is its own, what it shares through the page cache apart.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from features.index import DEFAULT_INDEX, VectorIndex, build_index
from features.search import index_store
from features.search.gallery import Gallery, load_gallery
from features.search.ranking import rank_products
from features.types import ExtractorSpec, Neighbour, RowMask, Vectors, Wanted
from scripts.benchmarks.apart import apart
from scripts.benchmarks.memory import Peak, own_megabytes
from scripts.benchmarks.similar import SELECTIVITIES, write_clustered_store
from scripts.benchmarks.table import as_table

_P = ParamSpec("_P")
_T = TypeVar("_T")

_WARMING = 20  # searches before the first that counts: they map pages


@dataclass(frozen=True)
class FilteredFigures:
    """Searches under one filter: the share of rows that it leaves, and milliseconds."""

    share: float
    p50_ms: float
    p95_ms: float
    exact_p50_ms: float
    recall: float
    first_ms: float
    """The first use of the filter, which makes its mask."""


@dataclass(frozen=True)
class ScaleFigures:
    """One store. Memory is the process's own, in megabytes, without files that it has mapped."""

    n: int
    dim: int
    k: int
    build_s: float
    build_mb: float
    index_mb: float
    """Of the index on the disk."""
    open_s: float
    search_mb: float
    stage_p50_ms: float
    """A whole search: nearest rows, products, similarities."""
    stage_p95_ms: float
    searched: tuple[FilteredFigures, ...]

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return asdict(self)

    def as_text(self) -> str:
        """What it takes, then a line a filter."""
        head = ("rows allowed", "p50 ms", "p95 ms", "exact p50 ms", "recall", "first use ms")
        lines = [
            (
                f"{one.share:.1%}",
                f"{one.p50_ms:.2f}",
                f"{one.p95_ms:.2f}",
                f"{one.exact_p50_ms:.2f}",
                f"{one.recall:.4f}",
                f"{one.first_ms:.1f}",
            )
            for one in self.searched
        ]
        return (
            f"{self.n} products, {self.dim} numbers each, k = {self.k}\n"
            f"index     built in {self.build_s:.0f} s with {self.build_mb:.0f} MB, "
            f"{self.index_mb:.0f} MB on the disk\n"
            f"searching opened in {self.open_s:.2f} s, {self.search_mb:.0f} MB of its own\n"
            f"a search  {self.stage_p50_ms:.2f} ms median, {self.stage_p95_ms:.2f} p95, "
            f"with its products\n\n{as_table(head, lines)}"
        )


@dataclass(frozen=True)
class _Job:
    """What a process of its own is given."""

    store: Path
    spec: ExtractorSpec
    index: str
    k: int
    queries: Vectors


def measure_scale(
    n: int = 1_000_000,
    dim: int = 1280,
    k: int = 20,
    queries: int = 50,
    index: str = DEFAULT_INDEX,
    centres: int | None = None,
) -> ScaleFigures:
    """Write a store of n clustered vectors, build its index, and search it."""
    spec = ExtractorSpec("clustered", dim, 1, "none", "0" * 64)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        asked = write_clustered_store(store, spec, n, queries=queries, centres=centres)
        job = _Job(store, spec, index, k, asked)
        build_s, build_mb = apart(_build, job)
        index_mb = sum(file.stat().st_size for file in store.glob("index/*/*")) / 1e6
        return replace(apart(_search, job), build_s=build_s, build_mb=build_mb, index_mb=index_mb)


def _build(job: _Job) -> tuple[float, float]:
    """Seconds, and the most memory on the way."""
    started = time.perf_counter()
    with Peak() as peak:
        index_store(job.store, job.index)
    return time.perf_counter() - started, peak.megabytes


def _search(job: _Job) -> ScaleFigures:
    started = time.perf_counter()
    gallery = load_gallery(job.store, job.spec, job.index)
    opened = time.perf_counter() - started
    for query in job.queries[:_WARMING]:
        rank_products(gallery, query, Wanted(limit=job.k))
    stage = [_timed(rank_products, gallery, q, Wanted(limit=job.k))[0] for q in job.queries]
    masks = [_mask(gallery, share) for share in SELECTIVITIES]
    answers = [_answers(gallery.index, job, mask) for _, mask in masks]
    memory = own_megabytes()  # before the exact index, which is here for comparison alone
    exact = build_index(gallery.view.blocks, "exact")
    return ScaleFigures(
        n=gallery.index.rows,
        dim=job.spec.dim,
        k=job.k,
        build_s=0.0,
        build_mb=0.0,
        index_mb=0.0,
        open_s=opened,
        search_mb=memory,
        stage_p50_ms=float(np.percentile(stage, 50)),
        stage_p95_ms=float(np.percentile(stage, 95)),
        searched=tuple(
            _compared(share, first_ms, found, _answers(exact, job, mask))
            for share, (first_ms, mask), found in zip(SELECTIVITIES, masks, answers, strict=True)
        ),
    )


def _mask(gallery: Gallery, share: float) -> tuple[float, RowMask | None]:
    """The rows that a filter of the benchmark's store leaves, and how long that takes at first."""
    filters = SELECTIVITIES[share]
    if not filters:
        return 0.0, None
    return _timed(gallery.masks.rows, filters)


def _answers(
    index: VectorIndex, job: _Job, allow: RowMask | None
) -> list[tuple[float, list[Neighbour]]]:
    """Milliseconds and neighbours of each query."""
    index.search(job.queries[:1], job.k, allow)
    timed = [_timed(index.search, query[None], job.k, allow) for query in job.queries]
    return [(took, found) for took, (found,) in timed]


def _compared(
    share: float,
    first_ms: float,
    found: list[tuple[float, list[Neighbour]]],
    true: list[tuple[float, list[Neighbour]]],
) -> FilteredFigures:
    hits = wanted = 0
    for (_, near), (_, nearest) in zip(found, true, strict=True):
        farthest = nearest[-1].distance if nearest else 0.0
        hits += sum(one.distance <= farthest for one in near)
        wanted += len(nearest)
    took = [took for took, _ in found]
    return FilteredFigures(
        share=share,
        p50_ms=float(np.percentile(took, 50)),
        p95_ms=float(np.percentile(took, 95)),
        exact_p50_ms=float(np.percentile([took for took, _ in true], 50)),
        recall=hits / max(1, wanted),
        first_ms=first_ms,
    )


def _timed(
    function: "Callable[_P, _T]", *arguments: _P.args, **named: _P.kwargs
) -> tuple[float, _T]:
    """Milliseconds, and what came of it."""
    started = time.perf_counter()
    result = function(*arguments, **named)
    return (time.perf_counter() - started) * 1000, result
