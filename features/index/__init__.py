"""Vectors to nearest rows, by Euclidean distance."""

from features.index.base import VectorIndex
from features.index.registry import DEFAULT_INDEX, build_index, index_names

__all__ = ["DEFAULT_INDEX", "VectorIndex", "build_index", "index_names"]
