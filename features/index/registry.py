"""Indexes by name. An engine is imported only when it is asked for."""

from collections.abc import Callable, Sequence

from features.errors import InvalidQueryError
from features.index.base import VectorIndex
from features.types import Vectors

DEFAULT_INDEX = "exact"


def _exact(blocks: Sequence[Vectors]) -> VectorIndex:
    from features.index.exact import ExactIndex

    return ExactIndex(blocks)


def _faiss(blocks: Sequence[Vectors]) -> VectorIndex:
    from features.index.faiss_flat import FaissFlatIndex

    return FaissFlatIndex(blocks)


_BUILDERS: dict[str, Callable[[Sequence[Vectors]], VectorIndex]] = {
    "exact": _exact,
    "faiss": _faiss,
}


def index_names() -> list[str]:
    """All known indexes."""
    return list(_BUILDERS)


def build_index(blocks: Sequence[Vectors], name: str = DEFAULT_INDEX) -> VectorIndex:
    """An index over the rows of all blocks; an unknown name is an `InvalidQueryError`."""
    if name not in _BUILDERS:
        raise InvalidQueryError(f"unknown index {name!r}; choose one of {', '.join(_BUILDERS)}")
    return _BUILDERS[name](blocks)
