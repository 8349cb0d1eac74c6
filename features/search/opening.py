"""A service over a store, or over one of a set, with the extractor that made it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from features.errors import FingerprintMismatchError
from features.extractors import (
    NO_WEIGHTS,
    AdaptedExtractor,
    Extractor,
    Weights,
    extractor_of,
    load_extractor,
)
from features.extractors.adapted import Load
from features.images import DEFAULT_LIMITS, PictureLimits
from features.index import DEFAULT_INDEX
from features.index.milvus import MilvusAddress
from features.pictures import Vault
from features.search.service import SearchService
from features.store import StoreSet, read_manifest
from features.types import NO_CROP
from features.videos import DEFAULT_VIDEO_LIMITS, VideoLimits


def open_service(
    store: Path,
    *,
    extractor: str | None = None,
    weights: Weights = NO_WEIGHTS,
    index: str = DEFAULT_INDEX,
    limits: PictureLimits = DEFAULT_LIMITS,
    video_limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
    pictures_root: Path | None = None,
    vault: Vault | None = None,
    milvus: MilvusAddress | None = None,
    loaded: Iterable[Extractor] = (),
) -> SearchService:
    """A service over a store, with the extractor that made it unless another is named.

    Of a folder with several stores it opens the one of the named extractor, else the default. It
    goes on with that store when the default changes: whoever opened it watches `StoreSet.mark`.

    Args:
        loaded: extractors to share: a network in memory serves any number of stores.
    """
    stores = StoreSet(store)
    vault = Vault(stores.pictures_folder) if vault is None else vault
    if not stores.is_plain:
        store = stores.folder_of(extractor)
    made_by = read_manifest(store).extractor.name
    if extractor is not None and extractor != made_by:
        raise FingerprintMismatchError(
            f"the store {store} was made by {made_by}, not by {extractor}; choose that extractor, "
            "or extract into another folder"
        )
    shared = [one for extractor in loaded for one in _networks(extractor)]
    made_with = _shared(store, shared) or extractor_of(store, weights, _loading_besides(shared))
    return SearchService(
        store,
        made_with,
        index=index,
        limits=limits,
        video_limits=video_limits,
        pictures_root=pictures_root,
        vault=vault,
        milvus=milvus,
    )


def _networks(extractor: Extractor) -> list[Extractor]:
    """An extractor, and the one that it adapts."""
    plain = [extractor.plain] if isinstance(extractor, AdaptedExtractor) else []
    return [extractor, *plain]


def _loading_besides(loaded: Sequence[Extractor]) -> Load:
    """Loads an extractor unless it is loaded."""
    named = {extractor.spec.name: extractor for extractor in loaded}
    return lambda name, weights: named.get(name) or load_extractor(name, weights)


def _shared(store: Path, loaded: Iterable[Extractor]) -> Extractor | None:
    """The one that made the store, if it is among those that are loaded."""
    spec = replace(read_manifest(store).extractor, crop=NO_CROP)
    return next((extractor for extractor in loaded if extractor.spec == spec), None)
