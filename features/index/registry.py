"""Indexes by name. An engine is imported only when it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import InvalidQueryError
from features.index.base import VectorIndex
from features.types import Vectors

if TYPE_CHECKING:
    from features.index.approximate import ApproximateIndex
    from features.index.built import Built

DEFAULT_INDEX = "auto"
_BUILT = ("sq8", "hnsw", "ivfpq")
_SCANNED = 5_000  # rows; a plain scan of fewer has nothing to save
_VAST = 4_000_000  # rows; their graph outgrows the memory of usual machines


@dataclass(frozen=True)
class IndexPlace:
    """Where the built index of some blocks is saved, and the key of each block."""

    folder: Path
    keys: tuple[str, ...]


def index_names() -> list[str]:
    """All known indexes."""
    return [DEFAULT_INDEX, *_UNBUILT, *_BUILT]


def build_index(
    blocks: Sequence[Vectors],
    name: str = DEFAULT_INDEX,
    previous: VectorIndex | None = None,
    place: IndexPlace | None = None,
) -> VectorIndex:
    """An index over the rows of all blocks; an unknown name is an `InvalidQueryError`.

    An approximate index that is not saved in its place yet searches exactly until it is, see
    `lacks_index`; without a place it is built here and now.

    Args:
        previous: an index of an earlier version; what it did for blocks that stayed is not done
            again where the engine allows that.
    """
    rows = sum(map(len, blocks))
    kind = _kind(name, rows)
    if kind is None:
        return _UNBUILT.get(name, _exact)(blocks, previous)
    return _approximate(blocks, kind, previous, place)


def lacks_index(index: VectorIndex) -> bool:
    """Whether `save_index` would make its searches quicker."""
    from features.index.approximate import ApproximateIndex

    return isinstance(index, ApproximateIndex) and index.lacks


def kind_for(name: str, rows: int) -> str:
    """What searches so many rows where the index of this name is asked for: `exact`, or an engine.

    An engine searches exactly too until it is built.
    """
    return _kind(name, rows) or "exact"


def save_index(
    blocks: Sequence[Vectors], place: IndexPlace, name: str = DEFAULT_INDEX
) -> "Built | None":
    """Build what is lacking over some blocks, and save it in its place; None if nothing is.

    Saved indexes of other kinds go, unless some process searches with them.
    """
    from features.index.built import build
    from features.index.saved import delete_others, save

    kind = _kind(name, sum(map(len, blocks)))
    if kind is None:
        return None
    index = _approximate(blocks, kind, None, place)
    if not index.lacks:
        delete_others(place.folder, kind)
        return None
    built = build(kind, index.exact)
    save(built, place.folder, _filled(blocks, place)[1])
    return built


def _kind(name: str, rows: int) -> str | None:
    """The engine to build for so many rows; None is one that needs no building."""
    from features.index.approximate import WORTH_IT

    if name not in index_names():
        raise InvalidQueryError(f"unknown index {name!r}; choose one of {', '.join(index_names())}")
    if name in _UNBUILT or rows < WORTH_IT:
        return None
    if name == "auto":
        return "hnsw" if rows < _VAST else "ivfpq"
    return name


def _exact(blocks: Sequence[Vectors], previous: VectorIndex | None) -> VectorIndex:
    from features.index.exact import ExactIndex
    from features.index.projected import ProjectedIndex

    if sum(map(len, blocks)) < _SCANNED:
        return ExactIndex(blocks, previous)
    return ProjectedIndex(blocks, _exact_part(previous))


_UNBUILT: dict[str, Callable[[Sequence[Vectors], VectorIndex | None], VectorIndex]] = {
    "exact": _exact,
}
"""Indexes that search the blocks as they are: called with them, and with an earlier index."""


def _exact_part(index: VectorIndex | None) -> VectorIndex | None:
    """What an index shares with one that searches exactly."""
    from features.index.approximate import ApproximateIndex

    return index.exact if isinstance(index, ApproximateIndex) else index


def _approximate(
    blocks: Sequence[Vectors], kind: str, previous: VectorIndex | None, place: IndexPlace | None
) -> "ApproximateIndex":
    from features.index.approximate import ApproximateIndex
    from features.index.built import build
    from features.index.projected import ProjectedIndex, Sketch
    from features.index.saved import open_saved

    before = _exact_part(previous)
    if place is None:
        exact = ProjectedIndex(blocks, before)
        return ApproximateIndex(exact, build(kind, exact), range(len(exact.gallery.blocks)))
    filled, keys = _filled(blocks, place)
    saved = open_saved(place.folder, kind, keys)
    if saved is None:
        return ApproximateIndex(ProjectedIndex(filled, before, scratch=place.folder))
    places = saved.places(keys)
    known: list[Sketch | None] = [None] * len(filled)
    for sketch, n in zip(saved.built.sketches, places, strict=True):
        if n is not None:
            known[n] = sketch
    exact = ProjectedIndex(filled, before, saved.built.directions, known, place.folder)
    return ApproximateIndex(exact, saved.built, places)


def _filled(blocks: Sequence[Vectors], place: IndexPlace) -> tuple[list[Vectors], list[str]]:
    """The blocks that have rows, and their keys."""
    pairs = [(b, key) for b, key in zip(blocks, place.keys, strict=True) if len(b)]
    return [block for block, _ in pairs], [key for _, key in pairs]
