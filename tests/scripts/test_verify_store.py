"""`scripts/verify_store.py` as a shop runs it: every file is read, what is damaged is mended."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from features.catalog import read_catalog
from features.collections import CollectionShelf
from features.extractors import Extractor
from features.pictures import Vault
from features.pipeline import build_store
from features.store import MANIFEST, StoreSet, StoreWriter, find_damage, open_store, read_manifest
from features.sync import SyncOptions, sync_stores
from scripts import verify_store
from tests.features.store.test_damage import cut, flip
from tests.helpers import picture, pictures_in, run_python, shop
from tests.scripts.commands import Command

NAME = "efficientnet_lite2_shop"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    """A shop with a store of six products in two segments."""
    folder = tmp_path_factory.mktemp("made") / "shop"
    stores = StoreSet(folder / "stores")
    for products in (4, 6):
        sync_stores(stores, read_catalog(shop(folder, products)), SyncOptions())
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "shop")


def verify(command: Command, folder: Path, *arguments: object, expected: int) -> dict[str, Any]:
    """What it says as JSON, for the one store that is not whole, or the first."""
    done = command(verify_store, "--store", folder / "stores", "--json", *arguments)
    assert done.returncode == expected, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def damaged(folder: Path, name: str) -> Path:
    return folder / "stores" / NAME / name


def test_a_whole_store_is_whole(folder: Path) -> None:
    done = run_python("scripts/verify_store.py", "--store", folder / "stores")
    assert (done.returncode, done.stdout) == (0, f"{NAME}: 6 rows, all files are whole\n")


@pytest.mark.slow
def test_vectors_that_changed_without_a_change_of_size_are_found_and_mended(
    folder: Path, command: Command
) -> None:
    flip(damaged(folder, "vectors-0002.npy"))
    (store,) = verify(command, folder, expected=1)["stores"]
    assert store["problems"] == ["the bytes of vectors-0002.npy have changed"]
    (store,) = verify(command, folder, "--repair", expected=0)["stores"]
    assert (store["embedded"], store["missing"], store["lost"]) == (2, 0, [])
    verify(command, folder, expected=0)


@pytest.mark.slow
def test_what_cannot_be_known_comes_back_from_the_catalogue(folder: Path, command: Command) -> None:
    cut(damaged(folder, "rows-0002.csv"))
    (store,) = verify(command, folder, "--repair", folder / "catalog.csv", expected=0)["stores"]
    assert (store["restored"], store["missing"]) == (2, 0)
    assert len(open_store(folder / "stores" / NAME).products) == 6


def test_what_comes_back_into_a_store_of_main_items_is_cut_out_by_the_detector_that_is_named(
    tmp_path: Path, command: Command
) -> None:
    folder = tmp_path / "shop"
    catalog = shop(folder, 2)
    options = SyncOptions(crop="auto", detector="regions")
    sync_stores(StoreSet(folder / "stores"), read_catalog(catalog), options)
    cut(damaged(folder, "rows-0001.csv"))
    arguments = ("--repair", catalog, "--detector", "regions")
    (store,) = verify(command, folder, *arguments, expected=0)["stores"]
    assert (store["restored"], store["missing"]) == (2, 0)


def test_a_catalogue_that_is_not_there_brings_no_deleted_products_back(
    folder: Path, command: Command
) -> None:
    store = folder / "stores" / NAME
    with StoreWriter(store, read_manifest(store).extractor) as writer:
        writer.delete([0, 1])
    (deleted,) = store.glob("deleted-*")
    cut(deleted)
    arguments = ("--store", folder / "stores", "--repair")
    done = command(verify_store, *arguments, folder / "catalogue.csv")
    assert done.returncode == 2 and "there is no catalogue" in done.stderr
    assert find_damage(store).deleted


@pytest.mark.slow
def test_what_is_lost_without_pictures_is_said(folder: Path, command: Command) -> None:
    cut(damaged(folder, "vectors-0002.npy"))
    (folder / "05.png").unlink()
    (store,) = verify(command, folder, "--repair", expected=1)["stores"]
    assert (store["embedded"], store["missing"]) == (1, 1)
    assert store["lost"][0].startswith("p05 05.png: ")
    moved = folder / "moved"
    moved.mkdir()
    cut(damaged(folder, "vectors-0001.npy"))
    (store,) = verify(command, folder, "--repair", "--pictures", moved, expected=1)["stores"]
    assert (store["embedded"], store["missing"]) == (0, 4)


def test_collections_and_kept_pictures_are_verified_too(
    folder: Path, extractor: Extractor, command: Command
) -> None:
    stores = StoreSet(folder / "stores")
    digest = Vault(stores.pictures_folder).put(picture(7))
    flip(stores.pictures_folder / digest[:2] / digest)
    shelf = CollectionShelf(stores)
    inside = shelf.stores_of(shelf.create("Holiday").id)
    place = inside.place_for(NAME)
    build_store(read_catalog(folder / "catalog.csv"), pictures_in(folder), place, extractor)
    inside.add(NAME, place)
    flip(place / "products-0001.csv")
    said = verify(command, folder, expected=1)
    assert [it["name"] for it in said["stores"]] == [NAME, f"Holiday ({NAME})"]
    assert said["stores"][1]["problems"] == ["the bytes of products-0001.csv have changed"]
    assert said["damaged_pictures"] == [digest]
    said = verify(command, folder, "--extractor", NAME, expected=0)  # that store, and nothing else
    assert ([it["name"] for it in said["stores"]], said["damaged_pictures"]) == ([NAME], [])


def test_a_folder_without_a_store_is_refused(tmp_path: Path, command: Command) -> None:
    done = command(verify_store, "--store", tmp_path)
    assert done.returncode == 2 and "there is no feature store" in done.stderr


def test_a_catalogue_that_is_not_there_is_told_where_all_is_whole_too(
    folder: Path, command: Command
) -> None:
    done = command(verify_store, "--store", folder / "stores", "--repair", folder / "none.csv")
    assert done.returncode == 2 and "correct --repair" in done.stderr


def test_a_store_without_a_readable_manifest_is_named(folder: Path, command: Command) -> None:
    damaged(folder, MANIFEST).write_text("{")
    (store,) = verify(command, folder, expected=1)["stores"]
    assert MANIFEST in store["problems"][0]
