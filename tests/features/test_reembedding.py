"""Another extractor's store beside the one in use: complete before it counts, and nothing lost."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import pytest

from features.catalog import read_catalog
from features.changes import CatalogEditor
from features.detection import load_detector
from features.errors import StoreEmptyError, StoreLockedError, StoreNotFoundError
from features.extractors import Extractor, load_extractor
from features.pictures import PictureFolder, PictureSource, Vault
from features.pipeline import Progress, build_store
from features.reembedding import Reembedding, clean_up, reembed, roll_back
from features.search import open_service
from features.store import STORES, StoreSet, StoreView, StoreWriter, open_store, read_manifest
from features.sync import SyncOptions, sync_stores
from features.types import GalleryPicture, Pixels, Product, Query, Vectors
from tests.adapted import add_adapted_store
from tests.helpers import CountingExtractor, Interrupting, picture, pictures_in, shop

LITE0, LITE1 = "efficientnet_lite0", "efficientnet_lite1"


@pytest.fixture(scope="module")
def lite0() -> Extractor:
    return load_extractor(LITE0)


@pytest.fixture(scope="module")
def lite1() -> Extractor:
    return load_extractor(LITE1)


@pytest.fixture
def stores(tmp_path: Path, lite0: Extractor) -> StoreSet:
    """The store of a shop with six products; one of them was uploaded, with two pictures."""
    return made(StoreSet(tmp_path / "stores"), shop(tmp_path / "shop", 5), lite0)


def made(stores: StoreSet, catalog: Path, extractor: Extractor) -> StoreSet:
    name = extractor.spec.name
    folder = stores.place_for(name)
    build_store(read_catalog(catalog), pictures_in(catalog.parent), folder, extractor)
    stores.add(name, folder)
    put(stores, extractor, "uploaded", [picture(50), picture(51)])
    return stores


def editor(stores: StoreSet, *extractors: Extractor) -> CatalogEditor:
    named = {extractor.spec.name: extractor for extractor in extractors}
    root = PictureFolder(open_store(stores.folder_of()).pictures_root)
    vault = Vault(stores.pictures_folder)
    return CatalogEditor(stores, named.__getitem__, PictureSource(root, vault), vault)


def put(stores: StoreSet, extractor: Extractor, key: str, pictures: Sequence[bytes]) -> None:
    """Put a product with uploaded pictures, as the server does."""
    editor(stores, extractor).put(Product(key, title=f"Put {key}"), None, pictures)


def content(view: StoreView) -> dict[str, tuple[Product, list[GalleryPicture]]]:
    """Every product, all its words, with its pictures in order."""
    return {
        key: (product, [view.pictures[row] for row in view.rows_of(key)])
        for key, product in view.products.items()
    }


class Meddling(CountingExtractor):
    """The true extractor; while it embeds for the first time, somebody changes the catalogue."""

    def __init__(self, inner: Extractor, meddle: Callable[[], None]) -> None:
        super().__init__(inner)
        self._meddle: Callable[[], None] | None = meddle
        self._turn = Lock()

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        with self._turn:
            meddle, self._meddle = self._meddle, None
            if meddle is not None:
                meddle()
        return super().forward(batch)


def test_the_new_store_has_every_product_and_is_the_default(
    stores: StoreSet, lite1: Extractor
) -> None:
    before = open_store(stores.folder_of())
    done = reembed(stores, lite1)
    assert (done.products, done.pictures, done.new, done.missing) == (6, 7, 7, ())
    assert (stores.names(), stores.default) == ([LITE0, LITE1], LITE1)
    assert stores.folder_of() == done.folder == stores.folder / f"{LITE1}-2"
    after = open_store(done.folder, lite1.spec)
    assert content(after) == content(before)
    assert after.pictures_root == before.pictures_root
    assert after.version > before.version
    hits = open_service(stores.folder).search(Query(picture(51))).hits
    assert (hits[0].product.id, hits[0].distance) == ("uploaded", 0.0)


def test_the_same_extractor_anew_can_be_taken_back(stores: StoreSet, lite0: Extractor) -> None:
    first, version = stores.folder_of(), read_manifest(stores.folder_of()).version
    second = reembed(stores, lite0).folder
    assert (stores.names(), stores.folder_of()) == ([LITE0], second)
    assert read_manifest(second).version > version
    roll_back(stores)
    assert stores.folder_of() == first
    roll_back(stores)
    assert stores.folder_of() == second


def test_a_folder_that_is_a_store_becomes_a_set(
    tmp_path: Path, lite0: Extractor, lite1: Extractor
) -> None:
    catalog = shop(tmp_path / "shop", 2)
    build_store(read_catalog(catalog), pictures_in(catalog.parent), tmp_path / "store", lite0)
    stores = StoreSet(tmp_path / "store")
    assert stores.is_plain
    reembed(stores, lite1)
    assert (stores.is_plain, stores.names(), stores.default) == (False, [LITE0, LITE1], LITE1)
    roll_back(stores)
    assert stores.folder_of() == tmp_path / "store"


def test_the_default_can_stay(stores: StoreSet, lite0: Extractor, lite1: Extractor) -> None:
    first = stores.folder_of()
    done = reembed(stores, lite1, keep_default=True)
    assert (stores.default, stores.folder_of(), stores.folder_of(LITE1)) == (
        LITE0,
        first,
        done.folder,
    )
    again = reembed(stores, lite1, keep_default=True)
    assert (stores.default, stores.folder_of(LITE1)) == (LITE0, again.folder)
    assert again.folder != done.folder


def test_an_interrupted_run_changes_nothing_and_the_next_goes_on(
    stores: StoreSet, lite1: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = (stores.folder / STORES).read_bytes()
    monkeypatch.setattr("features.pipeline.lots._AHEAD", 0)
    with pytest.raises(KeyboardInterrupt):
        reembed(stores, lite1, progress=Interrupting(4))
    assert (stores.folder / STORES).read_bytes() == register
    (unfinished,) = stores.abandoned()
    begun = open_store(unfinished).picture_count
    assert 0 < begun < 7
    counting = CountingExtractor(lite1)
    done = reembed(stores, counting)
    assert (done.folder, done.new, counting.embedded) == (unfinished, 7 - begun, 7 - begun)
    assert stores.folder_of() == unfinished
    assert stores.abandoned() == []


def test_an_unfinished_store_of_another_kind_is_left_alone(
    stores: StoreSet, lite0: Extractor, lite1: Extractor
) -> None:
    for extractor in (lite0, lite1):
        with pytest.raises(KeyboardInterrupt):
            reembed(stores, extractor, progress=Interrupting(2))
    assert [folder.name for folder in stores.abandoned()] == [f"{LITE0}-2", f"{LITE1}-2"]
    assert reembed(stores, lite1).folder.name == f"{LITE1}-2"
    assert [folder.name for folder in clean_up(stores)] == [f"{LITE0}-2"]
    assert stores.abandoned() == []
    assert not (stores.folder / f"{LITE0}-2").exists()


def test_cleaning_up_spares_what_is_in_use_and_what_can_be_gone_back_to(
    stores: StoreSet, lite0: Extractor
) -> None:
    first, second, third = stores.folder_of(), *(reembed(stores, lite0).folder for _ in range(2))
    assert clean_up(stores) == [first]
    assert (second.exists(), third.exists(), first.exists()) == (True, True, False)
    roll_back(stores)
    assert stores.folder_of() == second
    assert open_store(second).picture_count == 7


def test_changes_made_meanwhile_are_not_lost(
    stores: StoreSet, lite0: Extractor, lite1: Extractor
) -> None:
    def meddle() -> None:
        edit = editor(stores, lite0)
        edit.delete("p00")
        edit.put(Product("p01", title="New words"), None)
        edit.put(Product("p02", title="Another picture"), ["04.png"])
        put(stores, lite0, "uploaded", [picture(51), picture(50)])  # another order
        put(stores, lite0, "late", [picture(60)])

    counting = Meddling(lite1, meddle)
    done = reembed(stores, counting)
    source, new = open_store(stores.folder_of(LITE0)), open_store(done.folder)
    assert content(new) == content(source)
    assert set(new.products) == {"p01", "p02", "p03", "p04", "uploaded", "late"}
    assert new.version > source.version
    assert counting.embedded == 8  # every picture once; p02 shows what p04 does


def test_what_changes_at_the_very_last_moment_is_told_to_come_again(
    stores: StoreSet, lite0: Extractor, lite1: Extractor
) -> None:
    spec = read_manifest(stores.folder_of()).extractor
    refused: list[str] = []

    class LastMoment(Progress):
        """Tries to change the store from when it is locked for the swap."""

        rounds = 0

        def start(self, total: int) -> None:
            self.rounds += 1
            if self.rounds == 2:
                with pytest.raises(StoreLockedError) as caught:
                    StoreWriter(stores.folder_of(LITE0), spec)
                refused.append(str(caught.value))

    reembed(stores, lite1, progress=LastMoment())
    assert len(refused) == 1
    assert f"swapping in {LITE1}" in refused[0]
    editor(stores, lite0, lite1).delete("p00")
    for name in (LITE0, LITE1):
        assert "p00" not in open_store(stores.folder_of(name)).products


def test_a_change_that_meets_a_swap_goes_into_no_replaced_store(
    stores: StoreSet, lite0: Extractor
) -> None:
    second = reembed(stores, lite0).folder

    def loaded(_: str) -> Extractor:
        """Given after the change has found its store, and before it has locked that."""
        roll_back(stores)
        return lite0

    before = open_store(second).version
    vault = Vault(stores.pictures_folder)
    source = PictureSource(PictureFolder(stores.folder), vault)
    with pytest.raises(StoreLockedError, match="send the change again"):
        CatalogEditor(stores, loaded, source, vault).delete("p00")
    assert open_store(second).version == before
    assert "p00" in open_store(stores.folder_of()).products


@pytest.mark.parametrize("allow", [False, True])
def test_missing_pictures_are_named_and_swapped_without_only_when_allowed(
    stores: StoreSet, tmp_path: Path, lite1: Extractor, allow: bool
) -> None:
    (tmp_path / "shop" / "01.png").unlink()
    (tmp_path / "shop" / "02.png").write_bytes(b"no picture any more")
    done = reembed(stores, lite1, allow_missing=allow)
    assert [error.row_code for error in done.missing] == ["picture_not_found", "not_a_picture"]
    assert "01.png" in str(done.missing[0])
    assert done.swapped is allow
    assert stores.default == (LITE1 if allow else LITE0)
    if allow:
        assert set(open_store(done.folder).products) == {"p00", "p03", "p04", "uploaded"}
    else:
        for number in (1, 2):
            (tmp_path / "shop" / f"{number:02}.png").write_bytes(picture(number))
        again = reembed(stores, lite1)
        assert (again.folder, again.new, again.missing) == (done.folder, 2, ())
        assert content(open_store(again.folder)) == content(open_store(stores.folder_of(LITE0)))


def test_no_pictures_at_all_are_never_swapped_in(
    stores: StoreSet, tmp_path: Path, lite1: Extractor
) -> None:
    editor(stores, load_extractor(LITE0)).delete("uploaded")
    for path in (tmp_path / "shop").glob("*.png"):
        path.unlink()
    with pytest.raises(StoreEmptyError, match="nothing was swapped"):
        reembed(stores, lite1, allow_missing=True)
    assert stores.default == LITE0


def test_a_picture_that_changed_in_its_place_is_read_as_it_is_now(
    stores: StoreSet, tmp_path: Path, lite1: Extractor
) -> None:
    (tmp_path / "shop" / "01.png").write_bytes(picture(77))
    counting = CountingExtractor(lite1)
    done = reembed(stores, counting)
    assert (done.new, counting.embedded) == (7, 7)
    hits = open_service(stores.folder).search(Query(picture(77))).hits
    assert (hits[0].product.id, hits[0].distance) == ("p01", 0.0)


def test_copies_of_pictures_from_the_web_are_enough(
    stores: StoreSet, lite0: Extractor, lite1: Extractor
) -> None:
    kept = Vault(stores.pictures_folder).put(picture(70))
    address = "https://shop.example/a.png"
    vectors = np.zeros((2, lite0.spec.dim), dtype=np.float32)
    rows = [GalleryPicture("web", address, kept), GalleryPicture("lost", f"{address}?b", "0" * 32)]
    with StoreWriter(stores.folder_of(), lite0.spec) as writer:
        writer.append(rows, vectors, [Product("web"), Product("lost")])
    done = reembed(stores, lite1, allow_missing=True)
    (missing,) = done.missing
    assert "no copy of the picture https://shop.example/a.png" in str(missing)
    new = open_store(done.folder)
    assert "lost" not in new.products
    (row,) = new.rows_of("web")
    assert new.pictures[row] == rows[0]
    assert np.linalg.norm(new.vector(row)) > 0


def test_another_crop_is_another_store(stores: StoreSet, lite0: Extractor) -> None:
    regions = load_detector("regions")
    with pytest.raises(KeyboardInterrupt):
        reembed(stores, lite0, cropper=regions, progress=Interrupting(2))
    whole = reembed(stores, lite0)
    cropped = reembed(stores, lite0, cropper=regions)
    assert [done.folder.name for done in (cropped, whole)] == [f"{LITE0}-2", f"{LITE0}-3"]
    assert open_store(cropped.folder).spec.crop == "auto:regions"
    assert open_store(whole.folder).spec == lite0.spec
    assert stores.folder_of() == cropped.folder


def test_nothing_to_embed_is_an_error(tmp_path: Path, lite0: Extractor, lite1: Extractor) -> None:
    stores = StoreSet(tmp_path / "none")
    for act in (lambda: reembed(stores, lite1), lambda: roll_back(stores)):
        with pytest.raises(StoreNotFoundError):
            act()
    assert not stores.folder.exists()
    StoreWriter(stores.place_for(LITE0), lite0.spec).close()
    stores.add(LITE0, stores.place_for(LITE0))
    with pytest.raises(StoreEmptyError):
        reembed(stores, lite1)


def test_a_swap_waits_for_an_import_that_has_yet_to_reach_the_default_store(
    stores: StoreSet, tmp_path: Path, lite1: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = add_adapted_store(stores)  # the default now; an import reaches it last
    feed = shop(tmp_path / "shop", 8)
    refused: list[str] = []

    class Amid(Progress):
        """Somebody wants a swap, once for each store of the import."""

        def start(self, total: int) -> None:
            with pytest.raises(StoreLockedError) as caught:
                reembed(stores, lite1)
            refused.append(str(caught.value))

    monkeypatch.setattr("features.reembedding._PATIENCE", 0.1)
    sync_stores(stores, read_catalog(feed), SyncOptions(purpose="importing feed.csv"), Amid())
    assert len(refused) == 2
    assert all("importing feed.csv" in words for words in refused)
    assert stores.default == name
    done = reembed(stores, lite1)
    products = set(open_store(done.folder).products)
    assert products == {f"p{number:02}" for number in range(8)}
    assert all(
        set(open_store(stores.folder_of(name)).products) == products for name in stores.names()
    )


def test_a_store_that_an_import_is_about_to_add_is_not_cleaned_up(
    stores: StoreSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    add = StoreSet.add

    def tidied(self: StoreSet, extractor: str, folder: Path) -> None:
        with pytest.raises(StoreLockedError) as caught:
            clean_up(self)
        refused.append(str(caught.value))
        add(self, extractor, folder)

    monkeypatch.setattr(StoreSet, "add", tidied)
    options = SyncOptions(extractors=(LITE1,), purpose="importing feed.csv")
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 2)), options)
    assert LITE1 in stores.names()
    assert [words for words in refused if "importing feed.csv" in words] == refused != []


def test_two_runs_at_a_time_are_one_too_many(stores: StoreSet, lite1: Extractor) -> None:
    refused: list[str] = []

    class Second(Progress):
        """Tries everything that a run stands in the way of."""

        def start(self, total: int) -> None:
            for act in (lambda: reembed(stores, lite1), lambda: clean_up(stores)):
                with pytest.raises(StoreLockedError) as caught:
                    act()
                refused.append(str(caught.value))

    done: Reembedding = reembed(stores, lite1, progress=Second())
    assert done.swapped
    assert len(refused) == 4
    assert all(f"embedding again with {LITE1}" in words for words in refused)
