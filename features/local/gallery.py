"""Adds pictures of this machine to stores, and removes them: a product for each absolute path."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import (
    JobCancelledError,
    PictureNotFoundError,
    RowError,
    StoreError,
    VisualSearchError,
)
from features.extractors import (
    DEFAULT_EXTRACTOR,
    NO_WEIGHTS,
    Extractor,
    Weights,
    load_extractor,
)
from features.images import DEFAULT_LIMITS, PictureLimits, decode, read_picture
from features.local.folders import AllowedFolders, pictures_below
from features.pictures import PictureFolder, PictureSource
from features.pipeline import BuildSummary, Progress, build_store
from features.store import MANIFEST, StoreSet, StoreWriter, open_store, read_manifest
from features.types import CatalogEntry, PictureRef, Product

_ROOT = Path("/")
_STAMPS = "stamps.sqlite"
_PATIENCE = 5.0  # seconds that a quick change waits for another process


@dataclass(frozen=True)
class FailedPicture:
    """A picture that was not added, with the code and the words of the error."""

    path: str
    code: str
    detail: str


@dataclass(frozen=True)
class AddedPictures:
    """What became of the pictures. Known ones are as they were, replaced ones had other bytes.

    Of several stores, the figures are those of the one where the most was to do.
    """

    added: int
    replaced: int
    known: int
    failed: tuple[FailedPicture, ...]
    total: int
    """Pictures in the store now."""


class LocalGallery:
    """Changes the stores of this machine's pictures, one change at a time; others wait."""

    def __init__(
        self,
        stores: StoreSet,
        allowed: AllowedFolders,
        extractor_named: Callable[[str], Extractor],
        limits: PictureLimits = DEFAULT_LIMITS,
    ) -> None:
        """Nothing is opened yet; `extractor_named` gives the loaded extractor of a name."""
        self._stores = stores
        self._allowed = allowed
        self._extractor_named = extractor_named
        self._limits = limits
        self._changing = threading.Lock()
        self._ending = threading.Event()

    def add(self, path: Path, extractors: Sequence[str]) -> AddedPictures:
        """Add a picture, or all below a folder, to the stores of some extractors.

        Raises:
            PictureNotFoundError: there is nothing at that path.
            InvalidPictureError: it is one picture, and that cannot be used.
            StoreLockedError: another process changes the store.
            JobCancelledError: `end` was called; what was added until then stays.
        """
        failed: list[FailedPicture] = []
        if os.path.isdir(path):  # noqa: PTH112 - unlike Path's, it is never an error
            pictures = self._usable(path, failed)
        else:
            decode(read_picture(path, self._limits), self._limits, detail=64)
            pictures = [path]
        with self._changing:
            done = [self._add(pictures, name, f"adding {path}") for name in extractors]
        most = max(done, key=lambda one: one.added + one.replaced + len(one.failed))
        return AddedPictures(
            most.added, most.replaced, most.known, (*failed, *most.failed), most.total
        )

    def remove(self, path: Path, extractors: Sequence[str]) -> int:
        """Remove a picture, or all below a folder, whether they are still there or not; how many.

        Raises:
            PictureNotFoundError: none was ever added.
            StoreLockedError: another process changes the store.
        """
        with self._changing:
            removed = max(self._remove(path, name) for name in extractors)
        if not removed:
            raise PictureNotFoundError(f"no picture {path} was added, so none can be removed")
        return removed

    def end(self) -> None:
        """Let what is being added, or waits for that, end early; returns at once."""
        self._ending.set()

    def _usable(self, folder: Path, failed: list[FailedPicture]) -> list[Path]:
        """The pictures below a folder, links followed, each once; what cannot be is set aside."""
        usable: dict[Path, None] = {}

        def unreadable(error: OSError) -> None:
            code = PictureNotFoundError.code
            failed.append(FailedPicture(_shown(error.filename), code, f"unreadable: {error}"))

        for path in pictures_below(folder, unreadable):
            try:
                usable[self._allowed.resolve(str(path))] = None
            except VisualSearchError as error:
                failed.append(FailedPicture(_shown(path), error.code, str(error)))
        return list(usable)

    def _add(self, pictures: Sequence[Path], name: str, purpose: str) -> AddedPictures:
        folder = self._stores.folder_of(name)
        if not pictures:
            return AddedPictures(0, 0, 0, (), open_store(folder).picture_count)
        summary = build_store(
            [_entry(path, number) for number, path in enumerate(pictures)],
            PictureSource(PictureFolder(_ROOT)),
            folder,
            self._extractor_named(name),
            limits=self._limits,
            progress=_Ending(self._ending),
            keep_missing=True,
            stamps=self._stores.pictures_folder / _STAMPS,
            purpose=purpose,
        )
        return _told(summary, pictures, open_store(folder).picture_count)

    def _remove(self, path: Path, name: str) -> int:
        folder = self._stores.folder_of(name)
        spec = read_manifest(folder).extractor
        with StoreWriter(folder, spec, wait=_PATIENCE, purpose=f"removing {path}") as writer:
            view = writer.view()
            gone = [key for key in view.products if Path(key).is_relative_to(path)]
            rows = [row for key in gone for row in view.rows_of(key)]
            writer.delete(rows)
            if writer.needs_compaction:
                writer.compact()
        return len(rows)


def open_local_stores(
    stores: StoreSet, extractors: Sequence[str] = (), weights: Weights = NO_WEIGHTS
) -> None:
    """Make the stores of some extractors that are missing; without names those that there are.

    Raises:
        StoreError: a store holds a catalogue instead of this machine's pictures, is damaged, or
            cannot be written.
        ExtractorError: an extractor cannot be loaded.
    """
    for name in extractors or stores.names() or [DEFAULT_EXTRACTOR]:
        folder = stores.place_for(name)
        if (folder / MANIFEST).exists():
            _check_local(folder)
        else:
            spec = load_extractor(name, weights.of(name)).spec
            StoreWriter(folder, spec, _ROOT, wait=_PATIENCE, purpose="making the store").close()
        if name not in stores.names():
            stores.add(name, folder)


class _Ending(Progress):
    """Ends a run between two pictures."""

    def __init__(self, ending: threading.Event) -> None:
        self._ending = ending

    def advance(self) -> None:
        """See `Progress.advance`.

        Raises:
            JobCancelledError: the run is to end.
        """
        if self._ending.is_set():
            raise JobCancelledError("the program is ending; what was added stays, so add again")


def _check_local(folder: Path) -> None:
    view = open_store(folder)
    if any(not key.startswith("/") for key in view.products):
        raise StoreError(
            f"the store {folder} holds a shop's catalogue; choose another folder for the pictures "
            "of this machine"
        )
    if view.pictures_root != _ROOT:  # it was moved
        StoreWriter(folder, view.spec, _ROOT, wait=_PATIENCE, purpose="opening the store").close()


def _entry(path: Path, number: int) -> CatalogEntry:
    return CatalogEntry(Product(str(path)), (PictureRef(str(path)[1:], line=number),))


def _told(summary: BuildSummary, pictures: Sequence[Path], total: int) -> AddedPictures:
    failed = tuple(_failed(error, pictures) for error in summary.failed)
    known = len(pictures) - summary.added - summary.updated - len(failed)
    return AddedPictures(summary.added, summary.updated, known, failed, total)


def _failed(error: RowError, pictures: Sequence[Path]) -> FailedPicture:
    """The run's message without the path, maybe cut short, that it begins with."""
    path, message = str(pictures[error.line or 0]), str(error.args[0])
    named, _, detail = message.partition(": ")
    return FailedPicture(
        path, error.row_code, detail if detail and path[1:].startswith(named) else message
    )


def _shown(path: Path | str) -> str:
    """A path that can be written down; file names may hold any bytes."""
    return str(path).encode(errors="replace").decode()
