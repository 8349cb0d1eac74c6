"""Pictures to vectors. Every extractor is bound to its own preprocessing and weights."""

from features.extractors.base import Extractor
from features.extractors.registry import (
    DEFAULT_EXTRACTOR,
    extractor_names,
    load_extractor,
    takes_weights,
)

__all__ = ["DEFAULT_EXTRACTOR", "Extractor", "extractor_names", "load_extractor", "takes_weights"]
