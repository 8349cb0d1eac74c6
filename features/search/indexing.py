"""Building the index of a store, which searches of large ones are quicker with."""

from dataclasses import dataclass
from pathlib import Path

from features.errors import StoreWriteError
from features.index import DEFAULT_INDEX, save_index
from features.search.gallery import index_folder, index_place
from features.store import open_store, read_manifest
from features.store.lock import WriteLock
from features.text import build_text

_LOCK = "lock"


@dataclass(frozen=True)
class IndexReport:
    """An index that was built."""

    engine: str
    rows: int
    recall: float
    """The share of the true neighbours that it finds."""
    seconds: float


def index_store(store: Path, name: str = DEFAULT_INDEX, *, wait: float = 0.0) -> IndexReport | None:
    """Build and save the index of a store's newest version; None if it has what it needs.

    Searches go on meanwhile, and use the index from then on.

    Args:
        wait: seconds to wait for another process that builds it.

    Raises:
        StoreLockedError: another process is building it.
        StoreError: the store cannot be read, or its folder cannot be written.
    """
    read_manifest(store)  # no folder is made where there is no store
    folder = index_folder(store)
    try:
        folder.mkdir(exist_ok=True)
        with WriteLock(folder / _LOCK, wait=wait, purpose="building the index"):
            view = open_store(store)
            built = save_index(view.blocks, index_place(view), name)
    except OSError as error:
        raise StoreWriteError(
            f"the index cannot be kept in {folder}: {error}; searches are exact without it, "
            "and slower"
        ) from error
    if built is None:
        return None
    return IndexReport(built.engine.kind.name, len(built.order), built.recall, built.seconds)


def index_words(store: Path, *, wait: float = 0.0) -> int | None:
    """Index the words of a large store's products, where that is lacking; how many they are.

    Args:
        wait: seconds to wait for another process that does it.

    Raises:
        StoreLockedError: another process is doing it.
        StoreError: the store cannot be read.
        TextSearchError: there is nowhere to keep the index, or SQLite has none.
    """
    return build_text(open_store(store), wait=wait)
