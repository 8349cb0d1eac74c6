"""Vectors that need no network: an adapted store has those of the plain one beside it, mapped."""

from collections.abc import Callable
from dataclasses import dataclass

from features.errors import StoreError
from features.extractors import AdaptedExtractor
from features.pipeline.prepare import Preparation
from features.store import StoreSet, StoreView, open_store
from features.types import Vectors


@dataclass(frozen=True)
class KnownVector:
    """The vector of some picture, shape (dim,); of a video the second of its still too."""

    vector: Vectors
    time_s: float | None = None


Known = Callable[[str], KnownVector | None]
"""The vector of the picture with a content hash; None where it has to be embedded."""


def nothing_known(_digest: str) -> None:
    """There is no store to ask."""


def known_beside(stores: StoreSet, preparation: Preparation) -> Known:
    """What the plain store of a set tells of pictures for the one that was adapted from it."""
    extractor = preparation.extractor
    if not isinstance(extractor, AdaptedExtractor):
        return nothing_known
    made_by = extractor.plain.spec.cropped_as(preparation.spec)
    try:
        plain = open_store(stores.folder_of(made_by.name))
    except StoreError:  # there is none that can be read, nor is it needed
        return nothing_known
    alike = plain.spec.fingerprint == made_by.fingerprint
    return _Adapted(plain, extractor) if alike else nothing_known


@dataclass(frozen=True)
class _Adapted:
    plain: StoreView
    extractor: AdaptedExtractor

    def __call__(self, digest: str) -> KnownVector | None:
        for row in self.plain.rows_with(digest):
            (vector,) = self.extractor.adapted(self.plain.vector(row)[None])
            return KnownVector(vector, self.plain.pictures[row].time_s)
        return None
