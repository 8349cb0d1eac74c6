"""Pictures to vectors. Every extractor is bound to its own preprocessing and weights."""

from features.extractors.adapted import AdaptedExtractor, extractor_of
from features.extractors.base import Extractor, TextExtractor
from features.extractors.registry import (
    DEFAULT_EXTRACTOR,
    extractor_names,
    load_extractor,
)
from features.extractors.weights import NO_WEIGHTS, Weights

__all__ = [
    "DEFAULT_EXTRACTOR",
    "NO_WEIGHTS",
    "AdaptedExtractor",
    "Extractor",
    "TextExtractor",
    "Weights",
    "extractor_names",
    "extractor_of",
    "load_extractor",
]
