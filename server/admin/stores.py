"""The stores of the catalogue, one for each extractor: what they hold and how they are searched."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from features.adaptation import Adaptation, read_adaptation
from features.errors import VisualSearchError
from features.index import kind_for
from features.index.milvus import MILVUS
from features.search.gallery import index_folder
from features.store import Manifest, StoreSet, read_manifest
from features.text.index import FOLDER as WORDS
from features.types import ExtractorSpec, Metric
from server.services.loading import current_loader, current_settings
from server.telemetry.store_sizes import StoreSize, current_sizes


@dataclass(frozen=True)
class ShownStore:
    """One store as the page tells of it."""

    extractor: str
    default: bool
    """Whether searches that name no extractor use it."""
    folder: str
    """Within the set's."""
    problem: str = ""
    """Why it cannot be read."""
    size: StoreSize | None = None
    spec: ExtractorSpec | None = None
    metric: Metric | None = None
    index: str = ""
    adaptation: Adaptation | None = None
    bytes: int = 0
    """Of vectors, pictures and products."""
    derived_bytes: int = 0
    """Of indexes, which can be made again."""
    loaded: bool = False
    """Whether this worker has its network in memory."""


def stores() -> list[ShownStore]:
    """All stores, the default one first; none where their register cannot be read."""
    known = StoreSet(current_settings().store)
    try:
        default, folders = known.places()
    except VisualSearchError:
        return []
    return sorted(
        (_shown(name, folder, known.folder, name == default) for name, folder in folders.items()),
        key=lambda store: not store.default,
    )


def _shown(extractor: str, folder: Path, root: Path, default: bool) -> ShownStore:
    place = "" if folder == root else folder.relative_to(root).as_posix()
    try:
        manifest = read_manifest(folder)
        size = current_sizes().of(extractor)
        adaptation = read_adaptation(folder)
    except VisualSearchError as error:
        return ShownStore(extractor, default, place, problem=error.code)
    return ShownStore(
        extractor,
        default,
        place,
        size=size,
        spec=manifest.extractor,
        metric=manifest.metric,
        index=_index(folder, manifest),
        adaptation=adaptation,
        bytes=sum(file.bytes for file in manifest.files),
        derived_bytes=bytes_in(index_folder(folder)) + bytes_in(folder / WORDS),
        loaded=manifest.extractor.name in _loaded(),
    )


def bytes_in(folder: Path) -> int:
    """What the files of a folder hold together; files that go meanwhile do not count."""
    total, folders = 0, [os.fspath(folder)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file():
                        total += entry.stat().st_size
    return total


def _index(folder: Path, manifest: Manifest) -> str:
    """What searches it; an engine that is not built yet searches exactly until it is."""
    name = current_settings().index
    if name == MILVUS:
        return "Milvus"
    kind = kind_for(name, manifest.rows)
    lacking = kind != "exact" and not any(index_folder(folder).glob(f"{kind}-*"))
    return f"exact, until {kind} is built" if lacking else kind


def _loaded() -> set[str]:
    return {extractor.spec.name for extractor in current_loader().extractors}
