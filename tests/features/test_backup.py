"""The copy of a shop's stores: whole at every moment, and it answers as the original does."""

import errno
import os
import shutil
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.backup import back_up
from features.catalog import read_catalog
from features.collections import CollectionShelf
from features.errors import StoreCorruptError, StoreLockedError, StoreNotFoundError, StoreWriteError
from features.images import content_hash
from features.pictures import Vault
from features.pipeline import build_store
from features.search import SearchService
from features.store import (
    MANIFEST,
    STORES,
    Manifest,
    StoreSet,
    StoreWriter,
    find_damage,
    open_store,
)
from features.store.disk import sweep, write_file
from features.store.lock import WriteLock
from features.store.manifest import SegmentFile
from features.types import Query, Wanted
from scripts.crashes.drawings import Thumbnails
from tests.features.store.test_damage import flip
from tests.helpers import TINY, gallery, picture, pictures_in, run_python, shop

NAME = Thumbnails.spec.name


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    """A store of six products, a kept picture, and a collection of three pictures."""
    folder = tmp_path / "shop"
    stores = StoreSet(folder / "stores")
    fill(stores, folder, 6)
    Vault(stores.pictures_folder).put(picture(1))
    shelf = CollectionShelf(stores)
    fill(shelf.stores_of(shelf.create("Holiday").id), folder / "holiday", 3)
    return stores


def fill(stores: StoreSet, folder: Path, products: int) -> None:
    place = stores.place_for(NAME)
    catalog = read_catalog(shop(folder, products))
    build_store(catalog, pictures_in(folder), place, Thumbnails())
    stores.add(NAME, place)


def answers(stores: StoreSet) -> list[list[tuple[str, float]]]:
    service = SearchService(stores.folder_of(), Thumbnails())
    found = (service.search(Query(picture(seed)), Wanted(limit=6)).hits for seed in range(6))
    return [[(hit.product.id, hit.distance) for hit in hits] for hits in found]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "copy"


def test_the_copy_answers_as_the_original(stores: StoreSet, target: Path) -> None:
    done = back_up(stores, target)
    assert (done.stores, done.files, done.pictures, done.damaged_pictures) == (2, 6, 1, 0)
    copy = StoreSet(target)
    assert answers(copy) == answers(stores)
    assert list(Vault(copy.pictures_folder).digests()) == [Vault(target / "x").put(picture(1))]
    (collection,) = CollectionShelf(copy).collections()
    inside = CollectionShelf(copy).stores_of(collection.id)
    assert (collection.name, len(open_store(inside.folder_of()).products)) == ("Holiday", 3)


def test_a_second_copy_takes_only_what_is_new_and_forgets_what_is_gone(
    stores: StoreSet, target: Path
) -> None:
    back_up(stores, target)
    fill(stores, stores.folder.parent, 9)
    shelf = CollectionShelf(stores)
    shelf.delete(shelf.collections()[0].id)
    with StoreWriter(stores.folder_of(), Thumbnails.spec) as writer:
        writer.compact(everything=True)
    done = back_up(stores, target)
    assert (done.stores, done.files, done.pictures) == (1, 3, 0)
    copy = StoreSet(target)
    assert len(open_store(copy.folder_of()).products) == 9
    assert CollectionShelf(copy).collections() == []
    named = {file.name for file in open_store(copy.folder_of()).manifest.files}
    assert {path.name for path in copy.folder_of().iterdir()} == {*named, MANIFEST}


def test_a_copy_that_is_taken_while_somebody_writes_is_one_whole_version(
    stores: StoreSet, target: Path
) -> None:
    folder, ended, sizes = stores.folder_of(), threading.Event(), set()

    def write() -> None:
        with StoreWriter(folder, Thumbnails.spec) as writer:
            number = 100
            while not ended.is_set():
                writer.append(*gallery(4, Thumbnails.spec.dim, start=number))
                number += 4
                if writer.needs_compaction:
                    writer.compact()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for copies in range(1, 200):
            back_up(stores, target)
            copy = StoreSet(target).folder_of()
            assert not find_damage(copy)
            sizes.add(len(open_store(copy).products))
            if copies >= 5 and len(sizes) > 1:
                break
    finally:
        ended.set()
        thread.join()
    assert all(size % 4 == 2 for size in sizes)  # 6, and four with every commit
    assert len(sizes) > 1


def test_a_store_that_is_swapped_in_while_another_is_copied_is_in_the_copy(
    stores: StoreSet, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate(("other", "other-2"), start=1):
        with StoreWriter(stores.folder / name, replace(TINY, name="other")) as writer:
            writer.append(*gallery(number))
    stores.add("other", stores.folder / "other")

    def swapped(folder: Path, manifest: Manifest) -> None:
        sweep(folder, manifest)
        if stores.folder_of("other").name == "other":
            stores.swap_in("other", stores.folder / "other-2")
            shutil.rmtree(stores.folder / "other")

    monkeypatch.setattr("features.backup.sweep", swapped)
    assert back_up(stores, target).stores == 3
    copy = StoreSet(target)
    assert copy.default == "other"
    assert [len(open_store(copy.folder_of(name)).products) for name in copy.names()] == [6, 2]


def test_a_picture_that_goes_while_its_store_is_copied_is_in_the_copy(
    stores: StoreSet, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(stores.pictures_folder)
    (digest,) = vault.digests()

    def gone(folder: Path, manifest: Manifest) -> None:
        sweep(folder, manifest)
        vault.discard([digest])
        vault.put(picture(2))

    monkeypatch.setattr("features.backup.sweep", gone)
    assert back_up(stores, target).pictures == 2
    there = set(Vault(StoreSet(target).pictures_folder).digests())
    assert there == {digest, content_hash(picture(2))}


def test_a_damaged_store_does_not_spoil_its_copy(stores: StoreSet, target: Path) -> None:
    back_up(stores, target)
    before = answers(StoreSet(target))
    fill(stores, stores.folder.parent, 9)
    flip(stores.folder_of() / "vectors-0002.npy")
    with pytest.raises(StoreCorruptError, match=r"vectors-0002\.npy"):
        back_up(stores, target)
    assert answers(StoreSet(target)) == before
    assert not find_damage(StoreSet(target).folder_of())


def test_the_copy_of_a_store_that_was_made_again_stays_whole_until_the_new_one_is_there(
    stores: StoreSet, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(stores, target)
    before = answers(StoreSet(target))
    shutil.rmtree(stores.folder_of())
    fill(stores, stores.folder.parent / "again", 9)

    def full(folder: Path, name: str, content: Iterable[bytes]) -> SegmentFile:
        if name.startswith("products-0001.csv"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_file(folder, name, content)

    with monkeypatch.context() as patch, pytest.raises(StoreWriteError, match="disk is full"):
        patch.setattr("features.backup.write_file", full)
        back_up(stores, target)
    assert answers(StoreSet(target)) == before
    assert not find_damage(StoreSet(target).folder_of())
    back_up(stores, target)
    assert answers(StoreSet(target)) == answers(stores) != before
    assert not list(target.rglob("*.draft"))


def test_a_damaged_copy_is_mended_by_the_next(stores: StoreSet, target: Path) -> None:
    back_up(stores, target)
    flip(StoreSet(target).folder_of() / "vectors-0001.npy")
    assert back_up(stores, target).files == 1
    assert not find_damage(StoreSet(target).folder_of())


def test_damaged_pictures_are_counted_and_not_copied(stores: StoreSet, target: Path) -> None:
    vault = Vault(stores.pictures_folder)
    (digest,) = vault.digests()
    flip(vault.folder / digest[:2] / digest)
    assert back_up(stores, target).damaged_pictures == 1
    assert list(Vault(StoreSet(target).pictures_folder).digests()) == []


def test_a_folder_that_is_itself_a_store_is_copied_as_one(tmp_path: Path, target: Path) -> None:
    build_store(
        read_catalog(shop(tmp_path / "shop", 2)),
        pictures_in(tmp_path / "shop"),
        tmp_path / "store",
        Thumbnails(),
    )
    back_up(StoreSet(tmp_path / "store"), target)
    assert len(open_store(target).products) == 2 and not (target / STORES).exists()


def test_a_copy_inside_the_stores_and_one_of_nothing_are_refused(
    stores: StoreSet, tmp_path: Path
) -> None:
    with pytest.raises(StoreWriteError, match="elsewhere"):
        back_up(stores, stores.folder / "copy")
    with pytest.raises(StoreNotFoundError):
        back_up(StoreSet(tmp_path / "nothing"), tmp_path / "copy")


def test_two_copies_at_once_do_not_mix(stores: StoreSet, target: Path) -> None:
    target.mkdir(parents=True)
    with WriteLock(target / ".back-up.lock", purpose="x"), pytest.raises(StoreLockedError):
        back_up(stores, target)


def test_the_command_says_what_it_copied(stores: StoreSet, target: Path) -> None:
    done = run_python("scripts/back_up.py", "--store", stores.folder, target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 stores: 6 files (")
    assert run_python("scripts/back_up.py", "--store", target / "no", target).returncode == 2
    assert np.isfinite(answers(StoreSet(target))[0][0][1])


def test_a_picture_that_goes_before_it_is_read_is_not_damaged(
    stores: StoreSet, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(stores.pictures_folder)
    listed = list(vault.digests())
    vault.discard(listed)
    monkeypatch.setattr(Vault, "digests", lambda _: iter(listed))
    done = back_up(stores, target)
    assert (done.pictures, done.damaged_pictures) == (0, 0)
