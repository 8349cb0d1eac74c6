"""Collections in a folder beside the stores: one sub-folder each, with stores of its own."""

import contextlib
import re
import secrets
import shutil
import time
from contextlib import AbstractContextManager
from dataclasses import replace

from features.collections.collection import Collection, checked_name, same_name
from features.disk import flush_folder
from features.errors import NameTakenError, UnknownCollectionError
from features.store import StoreSet
from features.store.disk import replace_file
from features.store.lock import locked_in

_FOLDER = "collections"
_ID = re.compile(r"[0-9a-f]{16}")
_FILE, _STORES, _LOCK = "collection.json", "stores", ".lock"
_WAIT_SECONDS = 10.0
_ABANDONED_S = 3600.0


class CollectionShelf:
    """Creates, finds, renames and deletes collections. A folder without its file is none."""

    def __init__(self, stores: StoreSet) -> None:
        """The collections beside the stores of a catalogue; nothing is written before a change."""
        self.folder = stores.folder / _FOLDER

    def create(self, name: str) -> Collection:
        """An empty collection.

        Raises:
            InvalidNameError: it can have no such name; NameTakenError: another one has it.
            StoreWriteError: the disk is full, or the folder may not be written.
        """
        collection = Collection(secrets.token_hex(8), checked_name(name), time.time())
        with self._locked("creating a collection"):
            self._refuse_taken(collection)
            (self.folder / collection.id).mkdir()
            self._write(collection)
        return collection

    def keep(self, collection: Collection) -> None:
        """Write down a collection of another shelf, as a copy does; its folder is there.

        Raises:
            StoreWriteError: the disk is full, or the folder may not be written.
        """
        with self._locked("copying a collection"):
            self._write(collection)

    def get(self, collection_id: str) -> Collection:
        """The collection of an id.

        Raises:
            UnknownCollectionError: there is none (any more).
        """
        if _ID.fullmatch(collection_id):
            with contextlib.suppress(OSError, ValueError, TypeError):
                file = self.folder / collection_id / _FILE
                return Collection.from_json(file.read_text(encoding="utf-8"))
        raise UnknownCollectionError(f"There is no collection {collection_id[:40]!r}.")

    def __contains__(self, collection_id: str) -> bool:
        return bool(_ID.fullmatch(collection_id)) and (self.folder / collection_id / _FILE).exists()

    def collections(self) -> list[Collection]:
        """All collections, the oldest first."""
        found = []
        for file in self.folder.glob(f"*/{_FILE}"):
            with contextlib.suppress(UnknownCollectionError):
                found.append(self.get(file.parent.name))
        return sorted(found, key=lambda collection: (collection.created, collection.id))

    def rename(self, collection_id: str, name: str) -> Collection:
        """Give it another name.

        Raises:
            UnknownCollectionError: there is no such collection.
            InvalidNameError: it can have no such name; NameTakenError: another one has it.
        """
        with self._locked("renaming a collection"):
            renamed = replace(self.get(collection_id), name=checked_name(name))
            self._refuse_taken(renamed)
            self._write(renamed)
        return renamed

    def delete(self, collection_id: str) -> None:
        """Forget a collection, and delete what it holds.

        What an import still writes until it has noticed, it deletes with `clear`.

        Raises:
            UnknownCollectionError: there is no such collection.
        """
        with self._locked("deleting a collection"):
            self.get(collection_id)
            folder = self.folder / collection_id
            (folder / _FILE).unlink(missing_ok=True)
            flush_folder(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self, collection_id: str) -> None:
        """Delete what an import that has ended wrote of a collection after that was deleted."""
        if _ID.fullmatch(collection_id) and collection_id not in self:
            shutil.rmtree(self.folder / collection_id, ignore_errors=True)

    def stores_of(self, collection_id: str) -> StoreSet:
        """The stores of a collection.

        Raises:
            UnknownCollectionError: there is no such collection.
        """
        return StoreSet(self.folder / self.get(collection_id).id / _STORES)

    def sweep(self) -> None:
        """Delete what is left of collections that are gone."""
        for folder in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                left = _ID.fullmatch(folder.name) and not (folder / _FILE).exists()
                if left and time.time() - folder.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def _refuse_taken(self, collection: Collection) -> None:
        for other in self.collections():
            if other.id != collection.id and same_name(other.name, collection.name):
                raise NameTakenError(
                    f"There is a collection {other.name!r} already; choose another name."
                )

    def _write(self, collection: Collection) -> None:
        replace_file(self.folder / collection.id, _FILE, collection.to_json().encode())

    def _locked(self, purpose: str) -> AbstractContextManager[None]:
        return locked_in(self.folder / _LOCK, wait=_WAIT_SECONDS, purpose=purpose)
