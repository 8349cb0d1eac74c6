"""Kept pictures go when nobody needs them, and not before."""

from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import StoreCorruptError, StoreLockedError, StoreWriteError
from features.images import content_hash
from features.jobs.tidying import discard_unused
from features.pictures import Vault, upload_location
from features.store import MANIFEST, StoreSet, StoreWriter
from features.store.writer import LOCK
from features.types import GalleryPicture, Product
from tests.helpers import TINY, gallery, picture


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    return StoreSet(tmp_path)


def store_with(stores: StoreSet, folder: Path, *seeds: int, extractor: str = "tiny") -> Path:
    """A store of uploaded pictures, which are kept."""
    vault = Vault(stores.pictures_folder)
    digests = [vault.put(picture(seed)) for seed in seeds]
    _, vectors, _ = gallery(len(seeds))
    rows = [GalleryPicture(f"p{d}", upload_location(d), d) for d in digests]
    with StoreWriter(folder, replace(TINY, name=extractor)) as writer:
        writer.append(rows, vectors, [Product(f"p{d}") for d in digests])
    return folder


def kept(stores: StoreSet) -> set[int]:
    """The seeds of the pictures that are kept."""
    digests = set(Vault(stores.pictures_folder).digests())
    return {seed for seed in range(10) if content_hash(picture(seed)) in digests}


def test_pictures_of_deleted_products_go(stores: StoreSet) -> None:
    folder = store_with(stores, stores.folder / "tiny", 0, 1, 2)
    stores.add("tiny", folder)
    assert (discard_unused(stores), kept(stores)) == (0, {0, 1, 2})
    with StoreWriter(folder, TINY) as writer:
        writer.delete([1])
    assert (discard_unused(stores), kept(stores)) == (1, {0, 2})


def test_pictures_of_every_store_stay(stores: StoreSet) -> None:
    first = store_with(stores, stores.folder / "tiny", 0)
    stores.add("tiny", first)
    stores.add("other", store_with(stores, stores.folder / "other", 1, extractor="other"))
    stores.swap_in("tiny", store_with(stores, stores.new_place("tiny"), 2))
    store_with(stores, stores.new_place("tiny"), 3)
    Vault(stores.pictures_folder).put(picture(4))
    assert (discard_unused(stores), kept(stores)) == (1, {0, 1, 2, 3})


def test_pictures_of_a_folder_that_is_a_store_stay(stores: StoreSet) -> None:
    store_with(stores, stores.folder, 0)
    Vault(stores.pictures_folder).put(picture(1))
    assert (discard_unused(stores), kept(stores)) == (1, {0})


def test_pictures_of_the_set_stay_where_one_of_its_stores_is_opened_alone(
    stores: StoreSet,
) -> None:
    stores.add("tiny", store_with(stores, stores.folder / "tiny", 0))
    stores.add("other", store_with(stores, stores.folder / "other", 1, extractor="other"))
    Vault(stores.pictures_folder).put(picture(2))
    alone = StoreSet(stores.folder_of("tiny"))
    assert (discard_unused(alone), kept(stores)) == (1, {0, 1})


def test_nothing_goes_while_somebody_writes(stores: StoreSet) -> None:
    stores.add("tiny", store_with(stores, stores.folder / "tiny", 0))
    Vault(stores.pictures_folder).put(picture(1))
    with StoreWriter(stores.new_place("tiny"), TINY), pytest.raises(StoreLockedError):
        discard_unused(stores)
    assert kept(stores) == {0, 1}


def test_nothing_goes_while_an_import_may_begin_a_store(stores: StoreSet) -> None:
    stores.add("tiny", store_with(stores, stores.folder / "tiny", 0))
    Vault(stores.pictures_folder).put(picture(1))
    with stores.lock_catalog("importing"), pytest.raises(StoreLockedError, match="importing"):
        discard_unused(stores)
    assert kept(stores) == {0, 1}


def test_nothing_goes_where_a_store_cannot_be_read(stores: StoreSet) -> None:
    stores.add("tiny", store_with(stores, stores.folder / "tiny", 0))
    Vault(stores.pictures_folder).put(picture(1))
    (stores.folder / "tiny" / MANIFEST).write_text("{}")
    with pytest.raises(StoreCorruptError):
        discard_unused(stores)
    assert kept(stores) == {0, 1}


def test_nothing_goes_where_a_store_cannot_be_locked(stores: StoreSet) -> None:
    """Such as one that somebody else made, or to go back to on a disk that is read only."""
    stores.add("tiny", store_with(stores, stores.folder / "tiny", 0))
    other = store_with(stores, stores.new_place("tiny"), 1)
    (other / LOCK).unlink()
    (other / LOCK).mkdir()
    Vault(stores.pictures_folder).put(picture(2))
    with pytest.raises(StoreWriteError, match="tiny-2"):
        discard_unused(stores)
    assert kept(stores) == {0, 1, 2}


def test_where_nothing_is_there_is_nothing_to_do(stores: StoreSet) -> None:
    assert discard_unused(stores) == 0
    assert list(stores.folder.iterdir()) == []
