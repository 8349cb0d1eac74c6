"""Indexes by name. An engine is imported only when it is asked for."""

from collections.abc import Callable, Sequence

from features.errors import InvalidQueryError
from features.index.base import VectorIndex
from features.types import Vectors

DEFAULT_INDEX = "auto"
_LARGE = 5_000  # rows


Builder = Callable[[Sequence[Vectors], VectorIndex | None], VectorIndex]


def _exact(blocks: Sequence[Vectors], previous: VectorIndex | None) -> VectorIndex:
    from features.index.exact import ExactIndex

    return ExactIndex(blocks, previous)


def _projected(blocks: Sequence[Vectors], previous: VectorIndex | None) -> VectorIndex:
    from features.index.projected import ProjectedIndex

    return ProjectedIndex(blocks, previous)


def _auto(blocks: Sequence[Vectors], previous: VectorIndex | None) -> VectorIndex:
    """A plain scan of small stores, lower bounds for larger ones."""
    rows = sum(len(block) for block in blocks)
    return (_exact if rows < _LARGE else _projected)(blocks, previous)


def _faiss(blocks: Sequence[Vectors], previous: VectorIndex | None) -> VectorIndex:
    from features.index.faiss_flat import FaissFlatIndex

    return FaissFlatIndex(blocks)


_BUILDERS: dict[str, Builder] = {
    "auto": _auto,
    "exact": _exact,
    "projected": _projected,
    "faiss": _faiss,
}


def index_names() -> list[str]:
    """All known indexes."""
    return list(_BUILDERS)


def build_index(
    blocks: Sequence[Vectors], name: str = DEFAULT_INDEX, previous: VectorIndex | None = None
) -> VectorIndex:
    """An index over the rows of all blocks; an unknown name is an `InvalidQueryError`.

    Args:
        previous: an index of an earlier version; what it did for blocks that stayed is not done
            again where the engine allows that.
    """
    if name not in _BUILDERS:
        raise InvalidQueryError(f"unknown index {name!r}; choose one of {', '.join(_BUILDERS)}")
    return _BUILDERS[name](blocks, previous)
