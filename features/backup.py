"""A copy of all that cannot be made again, taken while the server goes on writing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from features.adaptation import ADAPTATION
from features.collections import CollectionShelf
from features.errors import (
    PictureNotFoundError,
    StoreCorruptError,
    StoreNotFoundError,
    StoreWriteError,
    UnknownCollectionError,
)
from features.images import PictureLimits
from features.pictures import Vault
from features.similarity import CALIBRATION
from features.store import STORES, StoreSet, read_manifest, replace_file
from features.store.disk import draft_of, sweep, write_file, write_manifest
from features.store.lock import locked_in
from features.store.manifest import SegmentFile
from features.store.segments import check_digest

_TRIES = 20
_PIECE = 1 << 20
_LOCK = ".back-up.lock"
_BESIDE = (ADAPTATION, CALIBRATION)
_ANY_SIZE = PictureLimits(max_bytes=2**40)


@dataclass
class BackUp:
    """What a run copied; what the copy had already is not counted."""

    stores: int = 0
    files: int = 0
    bytes: int = 0
    pictures: int = 0
    damaged_pictures: int = 0
    """Kept pictures whose bytes are others by now: those are not copied."""


def back_up(stores: StoreSet, target: Path) -> BackUp:
    """Bring a copy of the stores, their collections and their kept pictures up to date.

    At every moment each store of the copy is a whole one: of before, or of now. Indexes are left
    out, which are built again, and so are imports that wait.

    Raises:
        StoreNotFoundError: there is nothing to copy.
        StoreCorruptError: a store is damaged; its copy stays as it was.
        StoreWriteError: the target cannot be written, or is inside the stores' folder.
    """
    if target.resolve().is_relative_to(stores.folder.resolve()):
        raise StoreWriteError(f"{target} is inside {stores.folder}; keep the copy elsewhere")
    stores.check_filled()
    run = _Run(BackUp())
    with locked_in(target / _LOCK, wait=0.0, purpose="backing up"):
        run.copy_set(stores, target)
        run.copy_collections(CollectionShelf(stores), CollectionShelf(StoreSet(target)))
    return run.done


@dataclass(frozen=True)
class _Run:
    """Counts as it copies."""

    done: BackUp

    def copy_set(self, stores: StoreSet, target: Path) -> None:
        """The register last: what it names is there by then."""
        vault, copy = Vault(stores.pictures_folder), Vault(StoreSet(target).pictures_folder)
        self._copy_pictures(vault, copy)  # first too: an import may let go of them meanwhile
        said = self._copy_stores(stores, target)
        self.done.damaged_pictures += self._copy_pictures(vault, copy)
        if said:
            replace_file(target, STORES, said)

    def copy_collections(self, shelf: CollectionShelf, copies: CollectionShelf) -> None:
        """Those that were deleted since are deleted from the copy too."""
        for collection in shelf.collections():
            try:
                stores = shelf.stores_of(collection.id)
                place = copies.folder / collection.id
                place.mkdir(parents=True, exist_ok=True)
                self.copy_set(stores, place / stores.folder.name)
                copies.keep(collection)
            except UnknownCollectionError:  # deleted just now
                continue
        there = {collection.id for collection in shelf.collections()}
        for copy in copies.collections():
            if copy.id not in there:
                copies.delete(copy.id)

    def _copy_stores(self, stores: StoreSet, target: Path) -> bytes:
        """What the register says, and all that it names: of one moment, if one is swapped too."""
        register = stores.folder / STORES
        while True:
            mark = stores.mark()
            said = register.read_bytes() if register.exists() else b""
            _, folders = stores.places()
            try:
                for folder in folders.values():
                    self._copy_store(folder, target / folder.relative_to(stores.folder))
            except (StoreNotFoundError, StoreCorruptError):  # it may have been deleted meanwhile
                if stores.mark() == mark:
                    raise
            if stores.mark() == mark:
                self.done.stores += len(folders)
                return said

    def _copy_store(self, folder: Path, target: Path) -> None:
        """A version that a writer replaces meanwhile is begun anew with the newer one."""
        target.mkdir(parents=True, exist_ok=True)
        for attempt in range(_TRIES):
            manifest = read_manifest(folder)
            try:
                places = {file.name: self._copied(folder, target, file) for file in manifest.files}
                break
            except (FileNotFoundError, StoreCorruptError) as error:
                last = attempt == _TRIES - 1
                if last or read_manifest(folder).version == manifest.version:
                    raise StoreCorruptError(
                        f"the store {folder} is damaged, so its copy stays as it was; run "
                        f"scripts/verify_store.py --repair ({error})"
                    ) from error
        self._copy_beside(folder, target)
        for name, place in places.items():
            (target / place).replace(target / name)
        write_manifest(target, manifest)
        sweep(target, manifest)
        for draft in target.glob(draft_of("*")):  # of a version that was begun anew
            draft.unlink()

    def _copied(self, folder: Path, target: Path, file: SegmentFile) -> str:
        """The name of the file in the copy.

        A store that was deleted and made again has files of the same names: until all is there,
        the copy goes on with its own.
        """
        if _has(target, file):
            return file.name
        place = draft_of(file.name) if (target / file.name).exists() else file.name
        if replace(write_file(target, place, _pieces(folder / file.name)), name=file.name) != file:
            raise StoreCorruptError(f"the bytes of {file.name} have changed")
        self.done.files += 1
        self.done.bytes += file.bytes
        return place

    def _copy_beside(self, folder: Path, target: Path) -> None:
        for name in _BESIDE:
            if (folder / name).exists():
                replace_file(target, name, (folder / name).read_bytes())
            else:
                (target / name).unlink(missing_ok=True)

    def _copy_pictures(self, vault: Vault, copy: Vault) -> int:
        """How many are damaged."""
        damaged = 0
        for digest in vault.digests():
            if digest not in copy:
                try:
                    copy.put(vault.get(digest, _ANY_SIZE))
                    self.done.pictures += 1
                except PictureNotFoundError:
                    damaged += digest in vault  # else it was deleted just now
        return damaged


def _has(folder: Path, file: SegmentFile) -> bool:
    """Whether the very file is there; it is read whole."""
    try:
        check_digest(folder, file)
    except (OSError, ValueError):
        return False
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
