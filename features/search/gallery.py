"""What a search runs against: one version of a store, and all that is derived from it."""

import hashlib
import logging
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from features.filters import FilterMasks
from features.index import IndexPlace, VectorIndex, build_index
from features.index.milvus import MILVUS, MilvusAddress, open_index
from features.index.saved import SAVED
from features.similarity import CALIBRATION, Calibration, calibration_of, read_calibration
from features.store import StoreView, open_store, store_version
from features.types import Emphasis, ExtractorSpec

_log = logging.getLogger(__name__)
_INDEX = "index"
Mark = tuple[tuple[int, int], int, int]


@dataclass(frozen=True)
class Gallery:
    """One version of the store, the index over it, its filters, and what distances mean in it."""

    view: StoreView
    index: VectorIndex
    masks: FilterMasks
    calibration: Calibration
    mark: Mark
    emphasised: dict[Emphasis, "Gallery"] = field(default_factory=dict, repr=False)
    """The same version as searches with an emphasis see it, as far as any asked for it."""

    @cached_property
    def pictures_each(self) -> float:
        """How many pictures a product has on average."""
        products = int(np.count_nonzero(self.view.found))
        return max(1.0, self.view.picture_count / max(1, products))

    @cached_property
    def digest(self) -> str:
        """The same only where every search finds the same: of manifest, calibration and index."""
        texts = self.view.manifest.to_json() + self.calibration.to_json() + str(self.mark[2])
        return hashlib.blake2b(texts.encode(), digest_size=16).hexdigest()


def gallery_mark(store: Path) -> Mark:
    """A cheap mark that changes with every commit, every calibration and every index saved."""
    return (
        store_version(store),
        _changed(store / CALIBRATION),
        _changed(index_folder(store) / SAVED),
    )


def index_place(view: StoreView) -> IndexPlace:
    """Where the index of a store is saved, and what tells its segments apart for ever."""
    segments = [part.segment for part in view.parts]
    keys = tuple(f"{segment.number} {segment.vectors.blake2b}" for segment in segments)
    return IndexPlace(index_folder(view.folder), keys)


def index_folder(store: Path) -> Path:
    """The folder of a store's indexes."""
    return store / _INDEX


def load_gallery(
    store: Path,
    spec: ExtractorSpec,
    index: str,
    previous: Gallery | None = None,
    milvus: MilvusAddress | None = None,
) -> Gallery:
    """The newest version; what has not changed since `previous` is taken over from it.

    Where segments are damaged, the others are searched: a shop with gaps is better than none.

    Raises:
        StoreError: the store is missing, damaged, or made by another extractor.
        IndexEngineError: the engine beside this program cannot be used.
    """
    mark = gallery_mark(store)
    before = None if previous is None else previous.view
    view = open_store(store, spec, previous=before, in_part=True)
    if view.missing is not None:
        _log.error(
            "the store %s is damaged (%s); %d pictures cannot be found until "
            "scripts/verify_store.py --repair",
            store,
            "; ".join(view.missing.problems),
            view.missing.pictures,
        )
    return Gallery(
        view,
        _index(view, index, previous, milvus),
        FilterMasks(view, None if previous is None else previous.masks),
        _calibration(store, view, previous),
        mark,
    )


def _index(
    view: StoreView, name: str, previous: Gallery | None, milvus: MilvusAddress | None
) -> VectorIndex:
    before = None if previous is None else previous.index
    if name == MILVUS:
        return open_index(view, milvus or MilvusAddress(""), before)  # which says what is missing
    return build_index(view.blocks, name, before, index_place(view))


def _calibration(store: Path, view: StoreView, previous: Gallery | None) -> Calibration:
    """The store's own, or for a store without one what is known or told by its vectors."""
    if previous is not None and previous.calibration.pictures:
        return read_calibration(store) or previous.calibration
    return calibration_of(view)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
