"""Building what an approximate index knows of a gallery, and finding out how it is best asked.

Some vectors are held out of the engine at first. They are the queries with which the least effort
is found that answers well; then they are added like the others.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.index.engines import KINDS, TUNED_FOR, Effort, FaissEngine
from features.index.projected import ProjectedIndex, Sketch
from features.types import Vectors

WANTED_RECALL = 0.9985
_HELD_OUT = 128
_ADDED = 32_768


@dataclass(frozen=True)
class Built:
    """An engine over some blocks, and exact bounds of the same rows."""

    engine: FaissEngine
    order: NDArray[np.int64]
    """The row of each number in the engine, counted through the blocks: shape (rows,)."""
    directions: Vectors
    sketches: tuple[Sketch, ...]
    effort: Effort
    recall: float
    """The share of the true neighbours that it found of vectors it did not hold."""
    seconds: float


def build(kind: str, exact: ProjectedIndex, seed: int = 0) -> Built:
    """Build an engine over all rows of an exact index, which keep their numbers.

    They are added in random order: of rows that come category by category a graph would be badly
    linked, and the queries that are held out must be like the others.
    """
    started = time.perf_counter()
    gallery = exact.gallery
    order = np.random.default_rng(seed).permutation(exact.rows)
    sample = gallery.take(np.sort(order[: KINDS[kind].taught]))
    engine = FaissEngine.trained(KINDS[kind], sample, exact.rows)
    added, held_out = _in_lots(order[:-_HELD_OUT]), order[-_HELD_OUT:]
    for lot in added:
        engine.add(gallery.take(lot))
    rows = np.concatenate([*added, held_out])
    effort, recall = _tuned(engine, rows, exact, held_out)
    engine.add(gallery.take(held_out))
    return Built(
        engine,
        rows,
        exact.directions,
        tuple(exact.sketches),
        effort,
        recall,
        time.perf_counter() - started,
    )


def _in_lots(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows in lots, each in the order of the files: one pass over these for each."""
    return [np.sort(rows[start : start + _ADDED]) for start in range(0, len(rows), _ADDED)]


def _tuned(
    engine: FaissEngine,
    rows: NDArray[np.int64],
    exact: ProjectedIndex,
    held_out: NDArray[np.int64],
) -> tuple[Effort, float]:
    """The least effort that finds what is wanted, or the best there is, with its recall."""
    others = np.ones(exact.rows, dtype=np.bool_)
    others[held_out] = False
    queries = exact.gallery.take(held_out)
    truth = [found[-1].distance for found in exact.search(queries, TUNED_FOR, others)]

    def recall(effort: Effort) -> float:
        """The share of the wanted neighbours that are as near as the true last one."""
        near = 0
        for query, farthest in zip(queries, truth, strict=True):
            likely = rows[engine.likely(query, TUNED_FOR, effort)]
            found = exact.gallery.nearest(query, likely, TUNED_FOR)
            near += sum(neighbour.distance <= farthest for neighbour in found)
        return near / (TUNED_FOR * len(queries))

    best = (engine.kind.efforts[0], -1.0)
    for effort in engine.kind.efforts:
        found = recall(effort)
        if found > best[1]:
            best = (effort, found)
        if found >= WANTED_RECALL:
            break
    return best
