"""The stores of one catalogue, one for each extractor, side by side in one folder."""

import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any

from features.errors import StoreCorruptError, StoreError, StoreNotFoundError
from features.json_text import read_json
from features.store.disk import naming_write_errors, replace_file
from features.store.lock import WriteLock, is_locked, locked_in
from features.store.manifest import MANIFEST, no_store, read_manifest
from features.store.register import FORMAT, Previous, Register
from features.store.writer import LOCK

STORES = "stores.json"
_PICTURES = "pictures"
_LOCK = ".stores.lock"  # not a store's own: a set is changed while the store in its folder grows
_CATALOG_LOCK = ".catalog.lock"
_WAIT_SECONDS = 10.0
_EXTRACTOR = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class StoreSet:
    """The stores of one catalogue, found by extractor; nothing is written before a change.

    A folder that is itself a store, as earlier versions made them, is a set of that one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_plain(self) -> bool:
        """True where the folder itself is the only store, and no set was made of it."""
        return not _is_seen(self.folder / STORES) and _is_seen(self.folder / MANIFEST)

    def names(self) -> list[str]:
        """The extractors that there is a store of."""
        return list(self._read().stores)

    def places(self) -> tuple[str, Mapping[str, Path]]:
        """The default extractor and the store of each one, as they are at one moment.

        Where there is no store the default is empty.
        """
        register = self._read()
        folders = {name: self.folder / place for name, place in register.stores.items()}
        return register.default or "", folders

    @property
    def default(self) -> str:
        """The extractor whose store is searched unless another is named.

        Raises:
            StoreNotFoundError: there is no store yet.
        """
        default = self._read().default
        if default is None:
            raise no_store(self.folder)
        return default

    def check_filled(self) -> None:
        """Refuse a folder without stores.

        Raises:
            StoreNotFoundError: there is no store yet; it says how to make one.
        """
        if self._read().default is None:
            raise no_store(self.folder)

    def folder_of(self, extractor: str | None = None) -> Path:
        """The store of an extractor, or of the default one.

        Raises:
            StoreNotFoundError: there is none.
        """
        register = self._read()
        name = register.default if extractor is None else extractor
        if name is None:
            raise no_store(self.folder)
        if name not in register.stores:
            raise self._unknown(name, register)
        return self.folder / register.stores[name]

    @property
    def pictures_folder(self) -> Path:
        """Where pictures are kept that belong to the catalogue, whatever the extractor.

        A store of a set that is opened alone has them beside it, with those of the others.
        """
        return self._whole.folder / _PICTURES

    def mark(self) -> tuple[int, int]:
        """Cheap, and another one after every change of the set; not of the stores in it."""
        try:
            status = (self.folder / STORES).stat()
        except OSError:
            return 0, int(_is_seen(self.folder / MANIFEST))
        return status.st_ino, status.st_mtime_ns

    def lock_catalog(self, purpose: str, *, wait: float = 0.0) -> WriteLock:
        """Held while several stores follow one another: who holds it finds all of them alike.

        It comes before the locks of the stores, which one writer after the other may take
        meanwhile. A store of a set that is opened alone has that of the set.

        Args:
            purpose: what the holder does, for those who wait: "importing feed.csv".
            wait: seconds to wait for another holder.

        Raises:
            StoreLockedError: another holder has it still.
            StoreWriteError: the folder cannot be written.
        """
        folder = self._whole.folder
        with naming_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return WriteLock(folder / _CATALOG_LOCK, wait=wait, purpose=purpose)

    def place_for(self, extractor: str) -> Path:
        """Where the store of an extractor is, or would be made; makes nothing."""
        known = self._read().stores.get(extractor)
        return self.folder / (_checked_name(extractor) if known is None else known)

    def next_version(self) -> int:
        """A version above those of all stores in use: it only grows, whatever is swapped in."""
        used = [read_manifest(self.folder_of(name)).version for name in self.names()]
        return max(used) + 1

    def new_place(self, extractor: str) -> Path:
        """A folder that is not there yet, for a store that is to replace the extractor's."""
        _checked_name(extractor)
        number = 2
        while (self.folder / f"{extractor}-{number}").exists():
            number += 1
        return self.folder / f"{extractor}-{number}"

    def add(self, extractor: str, folder: Path) -> None:
        """Register a store; the first one becomes the default. A registered one stays as it is."""
        entry = self._entry(extractor, folder)

        def added(register: Register) -> Register:
            if extractor in register.stores:
                return register
            return register.with_store(extractor, entry)

        self._change(added)

    def swap_in(self, extractor: str, folder: Path, *, keep_default: bool = False) -> None:
        """Make a store its extractor's, in one step that can be taken back.

        Args:
            keep_default: do not make it the default too.
        """
        entry = self._entry(extractor, folder)

        def swapped(register: Register) -> Register:
            default = register.default if keep_default else extractor
            return register.swapped(extractor, entry, default)

        self._change(swapped)

    def roll_back(self) -> None:
        """Take the last swap back; a second time takes it again.

        Raises:
            StoreNotFoundError: nothing was swapped, or what it replaced is gone.
        """
        self._change(self._rolled_back)

    def forget(self, extractor: str) -> None:
        """Take a store out of the set; its files stay.

        Raises:
            StoreNotFoundError: there is none of that extractor.
        """

        def forgotten(register: Register) -> Register:
            if extractor not in register.stores:
                raise self._unknown(extractor, register)
            return register.without(extractor)

        self._change(forgotten)

    def abandoned(self) -> list[Path]:
        """Stores in the folder that nothing names and nobody writes to.

        A store that was built, but is yet to be added or swapped in, is among them once its
        writer is closed.
        """
        named = {(self.folder / entry).resolve() for entry in self._read().folders}
        return sorted(
            store
            for store in (manifest.parent for manifest in self.folder.glob(f"*/{MANIFEST}"))
            if store.resolve() not in named and not is_locked(store / LOCK)
        )

    def all_folders(self) -> list[Path]:
        """Every store that may have the kept pictures: searched, replaced, or named by nothing."""
        if self._whole is not self:
            return self._whole.all_folders()
        searched = {(self.folder / entry).resolve() for entry in self._read().stores.values()}
        manifests = [*self.folder.glob(MANIFEST), *self.folder.glob(f"*/{MANIFEST}")]
        return sorted(searched | {manifest.parent.resolve() for manifest in manifests})

    def delete_abandoned(self) -> list[Path]:
        """Delete the stores that `abandoned` tells of; which they were."""
        with self._locked("deleting abandoned stores"):
            gone = self.abandoned()
            for store in gone:
                with WriteLock(store / LOCK, purpose="deleting the store"):
                    _delete(store)
            return gone

    @property
    def _whole(self) -> "StoreSet":
        """The set that the folder, where it is a store, is one of; else this one."""
        beside = self.folder.resolve().parent
        return StoreSet(beside) if self.is_plain and _is_seen(beside / STORES) else self

    def _rolled_back(self, register: Register) -> Register:
        previous = register.previous
        if previous is None:
            raise StoreNotFoundError(
                f"there is no earlier store in {self.folder} to go back to; "
                "only the last replacement can be taken back"
            )
        if previous.folder is not None:
            read_manifest(self.folder / previous.folder)
        return register.swapped(previous.extractor, previous.folder, previous.default)

    def _change(self, change: Callable[[Register], Register]) -> None:
        with self._locked("changing which stores there are"):
            before = self._read()
            after = change(before)
            if after != before:
                replace_file(self.folder, STORES, after.to_json().encode())

    def _locked(self, purpose: str) -> AbstractContextManager[None]:
        return locked_in(self.folder / _LOCK, wait=_WAIT_SECONDS, purpose=purpose)

    def _read(self) -> Register:
        try:
            text = (self.folder / STORES).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return self._plain()
        except OSError as error:
            raise StoreCorruptError(f"{self.folder / STORES} cannot be read: {error}") from error
        try:
            return self._parsed(read_json(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreCorruptError(
                f"{self.folder / STORES} is damaged ({error}); restore it, or delete it and add "
                "the stores of the folder again"
            ) from error

    def _plain(self) -> Register:
        """The folder itself as the one store, if it is one."""
        try:
            name = read_manifest(self.folder).extractor.name
        except StoreNotFoundError:
            return Register()
        return Register(name, {name: "."})

    def _parsed(self, data: Mapping[str, Any]) -> Register:
        if data["format"] != FORMAT:
            raise ValueError(f"it has format {data['format']}, this program reads {FORMAT}")
        stores = {name: self._inside(entry) for name, entry in data["stores"].items()}
        if data["default"] not in (stores or {None}):
            raise ValueError(f"the default {data['default']!r} is none of its stores")
        previous = None if data["previous"] is None else Previous(**data["previous"])
        if previous is not None:
            if previous.default not in {None, previous.extractor, *stores}:
                raise ValueError(f"the earlier default {previous.default!r} is none of its stores")
            if previous.folder is not None:
                self._inside(previous.folder)
        return Register(data["default"], stores, previous)

    def _entry(self, extractor: str, folder: Path) -> str:
        """How the register names a store, which must be one and of that extractor."""
        made_by = read_manifest(folder).extractor.name
        if made_by != extractor:
            raise StoreError(f"the store {folder} was made by {made_by}, not by {extractor}")
        try:
            return folder.resolve().relative_to(self.folder.resolve()).as_posix()
        except ValueError as error:
            raise StoreError(
                f"the store {folder} is not inside {self.folder}; make it in {self.folder}"
            ) from error

    def _inside(self, entry: str) -> str:
        """An entry that stays in the folder, links followed."""
        if not isinstance(entry, str) or "\0" in entry or PurePosixPath(entry).is_absolute():
            raise ValueError(f"{entry!r} is no folder in it")
        root = self.folder.resolve()
        if ".." in PurePosixPath(entry).parts or not (root / entry).resolve().is_relative_to(root):
            raise ValueError(f"{entry!r} leads out of the folder")
        return entry

    def _unknown(self, extractor: str, register: Register) -> StoreNotFoundError:
        there = ", ".join(register.stores) or "none"
        return StoreNotFoundError(
            f"there is no store of {extractor} in {self.folder} (there are: {there}); make one "
            f"with scripts/extract_features.py CATALOG --store {self.folder} "
            f"--extractor {extractor}"
        )


def _is_seen(path: Path) -> bool:
    """Not in a folder that may not be entered either: who reads it then tells so."""
    try:
        return path.exists()
    except OSError:
        return False


def _delete(store: Path) -> None:
    """The manifest last: until then it is an abandoned store, which the next attempt deletes."""
    for path in store.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MANIFEST:
            path.unlink()
    shutil.rmtree(store)


def _checked_name(extractor: str) -> str:
    """The name of a folder of its own."""
    if extractor == _PICTURES or not _EXTRACTOR.fullmatch(extractor):
        raise StoreError(f"{extractor!r} cannot be the name of a store; name an extractor")
    return extractor
