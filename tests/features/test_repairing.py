"""A damaged store is repaired from its pictures; what is whole stays, and no loss is hidden."""

import os
from pathlib import Path

import numpy as np
import pytest

from features.catalog import read_catalog
from features.errors import CatalogError, FingerprintMismatchError, StoreCorruptError
from features.pictures import Vault
from features.pipeline import build_store
from features.repairing import Repair, repair_store
from features.store import StoreView, StoreWriter, find_damage, open_store
from scripts.crashes.drawings import Thumbnails
from tests.features.store.test_damage import cut, flip
from tests.helpers import CountingExtractor, picture, pictures_in, shop


class Place:
    """A shop of nine products in two segments; p01 has left it, p08's picture was kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.vault = Vault(folder / "pictures")
        self.extractor = CountingExtractor(Thumbnails())
        for products in (4, 9):
            self.run(shop(folder, products))
        with StoreWriter(self.store, Thumbnails.spec) as writer:
            writer.delete(writer.view().rows_of("p01"))
        self.vault.put(picture(8))
        (folder / "08.png").unlink()
        self.before = self.vectors(open_store(self.store))
        self.extractor.embedded = 0

    def run(self, catalog: Path) -> None:
        build_store(read_catalog(catalog), pictures_in(self.folder), self.store, self.extractor)

    def repair(self, catalog: Path | None = None) -> Repair:
        following = None if catalog is None else read_catalog(catalog)
        return repair_store(self.store, self.extractor, self.vault, catalog=following)

    def vectors(self, view: StoreView) -> dict[str, tuple[float, ...]]:
        return {key: tuple(view.vector(view.rows_of(key)[0]).tolist()) for key in view.products}

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.store.iterdir() if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "shop")


def test_damaged_vectors_are_embedded_again_and_all_else_stays_byte_for_byte(place: Place) -> None:
    before = place.files()
    flip(place.store / "vectors-0002.npy")
    repair = place.repair()
    assert (repair.embedded, repair.lost, repair.missing) == (5, (), 0)
    assert place.extractor.embedded == 5
    assert place.vectors(open_store(place.store)) == place.before
    after = place.files()
    kept = before.keys() - {"manifest.json", "vectors-0002.npy", "deleted-0003.npy"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["vectors-0003.npy"] == before["vectors-0002.npy"]  # the network gives the same
    assert not find_damage(place.store)


def test_the_vectors_of_deleted_products_are_not_embedded(place: Place) -> None:
    cut(place.store / "vectors-0001.npy")
    assert place.repair().embedded == 3
    assert place.vectors(open_store(place.store)) == place.before
    assert "p01" not in open_store(place.store).products


def test_a_whole_store_is_left_alone(place: Place) -> None:
    before = place.files()
    assert not place.repair().damage
    assert place.files() == before


def test_a_picture_that_is_gone_or_another_one_is_named_and_its_product_not_found(
    place: Place,
) -> None:
    (place.folder / "05.png").unlink()
    (place.folder / "06.png").write_bytes(picture(66))
    cut(place.store / "vectors-0002.npy")
    repair = place.repair()
    assert (repair.embedded, repair.missing) == (3, 2)
    assert [lost.product_id for lost in repair.lost] == ["p05", "p06"]
    assert "05.png" in repair.lost[0].reason and "changed" in repair.lost[1].reason
    left = {key: vector for key, vector in place.before.items() if key not in ("p05", "p06")}
    assert place.vectors(open_store(place.store)) == left


@pytest.mark.parametrize("name", ["rows-0002.csv", "products-0002.csv"])
def test_what_stood_in_a_damaged_table_goes_and_an_import_brings_it_back(
    place: Place, name: str
) -> None:
    flip(place.store / name)
    repair = place.repair()
    assert (repair.embedded, repair.missing) == (0, 5)
    assert sorted(open_store(place.store).products) == ["p00", "p02", "p03"]
    (place.folder / "08.png").write_bytes(picture(8))
    place.run(place.folder / "catalog.csv")
    after = place.vectors(open_store(place.store))
    assert {key: after[key] for key in place.before} == place.before


def test_deleted_products_come_back_only_if_a_catalogue_follows_that_tells_of_them(
    place: Place,
) -> None:
    flip(place.store / "deleted-0003.npy")
    with pytest.raises(StoreCorruptError, match="--repair CATALOG"):
        place.repair()
    assert find_damage(place.store)
    repair = place.repair(place.folder / "catalog.csv")
    assert (repair.embedded, repair.missing) == (0, 0)
    assert "p01" in open_store(place.store).products


@pytest.mark.parametrize(
    "feed", ["id,title,image\n", "id,title,image\np00,Thing,00.png\np02,Thing,02.png,more\n"]
)
def test_nothing_is_mended_for_a_catalogue_that_does_not_tell_what_was_deleted(
    place: Place, feed: str
) -> None:
    flip(place.store / "deleted-0003.npy")
    before = place.files()
    (place.folder / "other.csv").write_text(feed)
    with pytest.raises(CatalogError):
        place.repair(place.folder / "other.csv")
    assert place.files() == before


def test_a_picture_that_was_replaced_does_not_come_back(place: Place) -> None:
    (place.folder / "00.png").write_bytes(picture(77))
    (place.folder / "08.png").write_bytes(picture(8))
    os.utime(place.folder / "00.png", (1, 1))
    place.run(place.folder / "catalog.csv")
    place.before = place.vectors(open_store(place.store))
    (deleted,) = place.store.glob("deleted-*")
    deleted.unlink()
    place.repair(place.folder / "catalog.csv")
    view = open_store(place.store)
    assert len(view.rows_of("p00")) == 1
    np.testing.assert_array_equal(view.vector(view.rows_of("p00")[0]), place.before["p00"])


def test_a_repair_with_another_extractor_is_refused(place: Place, tmp_path: Path) -> None:
    cut(place.store / "vectors-0001.npy")
    before = place.files()
    other = CountingExtractor(Thumbnails())
    other.spec = type(other.spec)("other", other.spec.dim, 4, "none", "1" * 64)
    with pytest.raises(FingerprintMismatchError):
        repair_store(place.store, other, place.vault)
    assert place.files() == before
