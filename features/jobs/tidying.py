"""Pictures that were kept for a store go when no store has them any more."""

from contextlib import ExitStack

from features.pictures import Vault
from features.store import StoreSet, naming_write_errors, open_store
from features.store.lock import WriteLock
from features.store.writer import LOCK


def discard_unused(stores: StoreSet) -> int:
    """Delete kept pictures that no store of the folder has; how many those were.

    Whether a store is searched, was replaced, or is yet to be swapped in: its pictures stay. All
    are locked meanwhile, and no other can be begun, so that nobody is about to add what is being
    deleted.

    Raises:
        StoreError: a store is being written, or cannot be read or locked; nothing is deleted.
    """
    vault = Vault(stores.pictures_folder)
    vault.sweep()
    unused = set(vault.digests())
    if not unused:
        return 0
    purpose = "tidying up pictures"
    with stores.lock_catalog(purpose), ExitStack() as stack:
        for folder in stores.all_folders():
            with naming_write_errors(folder):
                stack.enter_context(WriteLock(folder / LOCK, purpose=purpose))
            unused.difference_update(open_store(folder).by_content)
        vault.discard(unused)
    return len(unused)
