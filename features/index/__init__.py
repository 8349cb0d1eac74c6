"""Vectors to nearest rows, by Euclidean distance."""

from features.index.base import VectorIndex
from features.index.registry import (
    DEFAULT_INDEX,
    IndexPlace,
    build_index,
    index_names,
    kind_for,
    lacks_index,
    save_index,
)

__all__ = [
    "DEFAULT_INDEX",
    "IndexPlace",
    "VectorIndex",
    "build_index",
    "index_names",
    "kind_for",
    "lacks_index",
    "save_index",
]
