"""Single changes: in every store, seen by the next search, or not there at all."""

import shutil
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.adaptation import read_adaptation
from features.catalog import read_catalog
from features.changes import CatalogEditor
from features.errors import (
    BrokenPictureError,
    FetchRefusedError,
    InvalidChangeError,
    InvalidProductError,
    NotAPictureError,
    PictureNotFoundError,
    StoreLockedError,
    UnknownProductError,
)
from features.extractors import AdaptedExtractor, Extractor, load_extractor
from features.images import content_hash
from features.pictures import (
    AddressGuard,
    Fetcher,
    PictureFolder,
    PictureSource,
    Vault,
    upload_location,
)
from features.search import open_service
from features.store import StoreSet, StoreView, StoreWriter, open_store
from features.sync import SyncOptions, sync_stores
from features.types import Product, Query, Wanted
from tests.adapted import add_adapted_store
from tests.features.pictures.web import reply, serving
from tests.helpers import CountingExtractor, drawing, picture, shop

MUG = Product("mug", title="Blue Mug", price=Decimal("12.00"), currency="EUR")


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    """A set with a store of p00, p01 and p02."""
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, read_catalog(shop(tmp_path / "shop", 3)))
    return stores


def editor(
    stores: StoreSet, *extractors: Extractor, fetcher: Fetcher | None = None
) -> CatalogEditor:
    named = {extractor.spec.name: extractor for extractor in extractors}
    vault = Vault(stores.pictures_folder)
    root = PictureFolder(view(stores).pictures_root) if stores.names() else None
    return CatalogEditor(stores, named.__getitem__, PictureSource(root, vault, fetcher), vault)


def fetcher(stores: StoreSet, *allowed: str) -> Fetcher:
    return Fetcher(Vault(stores.pictures_folder), guard=AddressGuard(allowed))


def view(stores: StoreSet, extractor: str | None = None) -> StoreView:
    return open_store(stores.folder_of(extractor))


def kept(stores: StoreSet) -> set[str]:
    return set(Vault(stores.pictures_folder).digests())


def found(stores: StoreSet, photo: bytes, extractor: str | None = None) -> str:
    """The product that a photo finds at distance 0, if there is one."""
    hit = (
        open_service(stores.folder, extractor=extractor)
        .search(Query(photo), Wanted(limit=1))
        .hits[0]
    )
    return hit.product.id if hit.distance == 0 else ""


def test_a_new_product_is_found_by_its_picture(stores: StoreSet, extractor: Extractor) -> None:
    before = view(stores).version
    change = editor(stores, extractor).put(MUG, None, [picture(40), picture(41)])
    assert (change.product, change.created) == (MUG, True)
    assert change.version == view(stores).version > before
    assert change.versions == {"efficientnet_lite2_shop": change.version}
    assert found(stores, picture(40)) == found(stores, picture(41)) == "mug"
    assert found(stores, picture(1)) == "p01"
    row = view(stores).rows_of("mug")[1]
    np.testing.assert_array_equal(view(stores).vector(row), extractor.embed([drawing(41)])[0])


def test_an_upload_is_served_from_the_vault(stores: StoreSet, extractor: Extractor) -> None:
    change = editor(stores, extractor).put(MUG, None, [picture(40)])
    (shown,) = change.pictures
    assert shown.location == upload_location(shown.content_hash)
    for folder in (stores.folder, stores.folder_of()):  # the set, and the store alone
        assert open_service(folder).picture(shown.content_hash) == picture(40)


def test_a_picture_is_embedded_once_for_a_store_and_the_one_adapted_from_it(
    stores: StoreSet, counting: CountingExtractor
) -> None:
    name = add_adapted_store(stores)
    adaptation = read_adaptation(stores.folder_of(name))
    assert adaptation is not None
    adapted = AdaptedExtractor(counting, adaptation)
    change = editor(stores, counting, adapted).put(MUG, None, [picture(40)])
    assert set(change.versions) == {counting.spec.name, name}
    assert counting.embedded == 1
    (row,) = view(stores).rows_of("mug")
    (wanted,) = adapted.embed_gallery([drawing(40)])
    np.testing.assert_array_equal(view(stores).vector(row), wanted)


def test_other_words_leave_the_pictures_alone(
    stores: StoreSet, counting: CountingExtractor
) -> None:
    change = editor(stores, counting).put(Product("p01", title="Other"), None)
    assert not change.created and change.pictures[0].location == "01.png"
    assert view(stores).products["p01"].title == "Other"
    assert counting.embedded == 0


def test_the_same_product_again_changes_nothing(
    stores: StoreSet, counting: CountingExtractor
) -> None:
    first = editor(stores, counting).put(MUG, None, [picture(40)])
    for locations in (None, [first.pictures[0].location]):
        again = editor(stores, counting).put(MUG, locations)
        assert again == replace(first, created=False)
    assert counting.embedded == 1


def test_pictures_are_replaced_kept_and_put_in_order(
    stores: StoreSet, counting: CountingExtractor
) -> None:
    uploaded = editor(stores, counting).put(Product("p01"), ["01.png"], [picture(40)])
    first, sent = (p.location for p in uploaded.pictures)
    assert first == "01.png"
    turned = editor(stores, counting).put(Product("p01"), [sent, "01.png"])
    assert [p.location for p in turned.pictures] == [sent, "01.png"]
    only = editor(stores, counting).put(Product("p01"), [sent])
    assert [p.location for p in only.pictures] == [sent]
    assert counting.embedded == 1
    assert found(stores, picture(1)) == ""


def test_a_picture_of_a_zip_can_be_kept(tmp_path: Path, extractor: Extractor) -> None:
    feed = shop(tmp_path / "shop", 2)
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        for file in sorted(feed.parent.iterdir()):
            archive.write(file, file.name)
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, read_catalog(tmp_path / "shop.zip"))
    change = editor(stores, extractor).put(Product("p01"), ["01.png"], [picture(40)])
    assert change.pictures[0].location == "01.png"
    assert found(stores, picture(1)) == "p01"


def test_a_deleted_product_is_not_found(stores: StoreSet, extractor: Extractor) -> None:
    change = editor(stores, extractor).delete("p01")
    assert (change.product, change.pictures, change.created) == (None, (), False)
    assert found(stores, picture(1)) == ""
    assert "p01" not in view(stores).products


def test_kept_pictures_go_with_the_last_product_that_has_them(
    stores: StoreSet, extractor: Extractor
) -> None:
    edit = editor(stores, extractor)
    both, second, third = (content_hash(picture(n)) for n in (40, 42, 43))
    edit.put(MUG, None, [picture(40), picture(41), picture(42)])
    edit.put(Product("cup"), None, [picture(40)])
    edit.delete_picture("mug", 1)
    assert kept(stores) == {both, second}
    edit.put(MUG, None, [picture(40), picture(43)])
    assert kept(stores) == {both, third}
    edit.delete("mug")
    assert kept(stores) == {both}
    edit.delete("cup")
    assert kept(stores) == set()


def test_kept_pictures_stay_as_long_as_a_replaced_store_has_them(
    stores: StoreSet, extractor: Extractor
) -> None:
    edit = editor(stores, extractor)
    edit.put(MUG, None, [picture(40)])
    shutil.copytree(stores.folder_of(), stores.folder / "replaced")
    edit.delete("mug")
    assert kept(stores) == {content_hash(picture(40))}


def test_one_picture_is_deleted_and_the_later_ones_move_up(
    stores: StoreSet, extractor: Extractor
) -> None:
    edit = editor(stores, extractor)
    edit.put(MUG, None, [picture(40), picture(41), picture(42)])
    change = edit.delete_picture("mug", 1)
    assert len(change.pictures) == 2
    assert [found(stores, picture(n)) for n in (40, 41, 42)] == ["mug", "", "mug"]
    edit.delete_picture("mug", 1)
    with pytest.raises(InvalidChangeError, match="only picture"):
        edit.delete_picture("mug", 0)
    with pytest.raises(PictureNotFoundError, match="0 to 0"):
        edit.delete_picture("mug", 1)


def test_what_is_not_there_cannot_be_deleted(stores: StoreSet, extractor: Extractor) -> None:
    for delete in (
        lambda: editor(stores, extractor).delete("none"),
        lambda: editor(stores, extractor).delete_picture("none", 0),
    ):
        with pytest.raises(UnknownProductError, match="none"):
            delete()


def test_one_bad_picture_leaves_everything_as_it_is(stores: StoreSet, extractor: Extractor) -> None:
    before = view(stores).version
    bad = {b"text": NotAPictureError, picture(41)[:200]: BrokenPictureError}
    for content, error in bad.items():
        with pytest.raises(error, match="picture 1: "):
            editor(stores, extractor).put(MUG, None, [picture(40), content])
    with pytest.raises(InvalidProductError, match=r"picture 1: .*'none\.png'"):
        editor(stores, extractor).put(MUG, ["01.png", "none.png"], [picture(40)])
    assert view(stores).version == before
    assert kept(stores) == set()


@pytest.mark.parametrize("number", [0, 51])
def test_a_product_has_one_to_fifty_pictures(
    stores: StoreSet, extractor: Extractor, number: int
) -> None:
    kind = InvalidProductError if number else InvalidChangeError
    with pytest.raises(kind, match=f"has {number} pictures.*1 to 50") as raised:
        editor(stores, extractor).put(MUG, [f"{n}.png" for n in range(number)])
    assert type(raised.value) is kind


def test_a_new_product_needs_pictures(stores: StoreSet, extractor: Extractor) -> None:
    with pytest.raises(InvalidChangeError, match="0 pictures"):
        editor(stores, extractor).put(MUG, None)


def test_a_picture_from_the_web_is_fetched_and_kept(stores: StoreSet, extractor: Extractor) -> None:
    with serving(lambda _: reply(body=picture(40))) as web:
        with fetcher(stores) as strict, pytest.raises(FetchRefusedError, match="picture 0: "):
            editor(stores, extractor, fetcher=strict).put(MUG, [web.url()])
        assert kept(stores) == set()
        with fetcher(stores, "127.0.0.1") as allowed:
            change = editor(stores, extractor, fetcher=allowed).put(MUG, [web.url()])
    assert open_service(stores.folder).picture(change.pictures[0].content_hash) == picture(40)


def test_the_first_product_makes_the_first_store(tmp_path: Path, extractor: Extractor) -> None:
    stores = StoreSet(tmp_path / "stores")
    with pytest.raises(NotAPictureError):
        editor(stores, extractor).put(MUG, None, [b"text"])
    assert stores.names() == []
    change = editor(stores, extractor).put(MUG, None, [picture(40)])
    assert change.created and stores.names() == ["efficientnet_lite2_shop"]
    assert found(stores, picture(40)) == "mug"


def test_nothing_can_be_deleted_where_there_is_no_store(
    tmp_path: Path, extractor: Extractor
) -> None:
    with pytest.raises(UnknownProductError):
        editor(StoreSet(tmp_path), extractor).delete("p00")
    assert list(tmp_path.iterdir()) == []


def test_every_store_has_the_change(stores: StoreSet, extractor: Extractor, tmp_path: Path) -> None:
    lite0 = load_extractor("efficientnet_lite0")
    names = ("efficientnet_lite0",)
    sync_stores(stores, read_catalog(tmp_path / "shop"), SyncOptions(extractors=names))
    edit = editor(stores, extractor, lite0)
    change = edit.put(MUG, None, [picture(40)])
    assert set(change.versions) == {"efficientnet_lite0", "efficientnet_lite2_shop"}
    for name, version in change.versions.items():
        assert found(stores, picture(40), name) == "mug"
        assert view(stores, name).version == version
    edit.delete("mug")
    assert [found(stores, picture(40), name) for name in stores.names()] == ["", ""]


def test_where_one_store_is_locked_none_is_changed(
    stores: StoreSet, extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.changes._PATIENCE", 0.1)
    lite0 = load_extractor("efficientnet_lite0")
    names = ("efficientnet_lite0",)
    sync_stores(stores, read_catalog(tmp_path / "shop"), SyncOptions(extractors=names))
    versions = [view(stores, name).version for name in stores.names()]
    with (
        StoreWriter(stores.folder_of(names[0]), lite0.spec, purpose="importing a feed"),
        pytest.raises(StoreLockedError, match="importing a feed"),
    ):
        editor(stores, extractor, lite0).put(MUG, None, [picture(40)])
    assert [view(stores, name).version for name in stores.names()] == versions
    assert kept(stores) == set()


class SwappedAmid(StoreSet):
    """A set in which somebody swaps another store in, just when a change knows the names of all."""

    asked = 0

    def names(self) -> list[str]:
        names, self.asked = super().names(), self.asked + 1
        if self.asked == 2:
            place = self.new_place("efficientnet_lite0")
            with StoreWriter(place, load_extractor("efficientnet_lite0").spec):
                self.swap_in("efficientnet_lite0", place)
        return names


def test_a_store_that_is_swapped_in_amid_a_change_asks_for_the_change_again(
    stores: StoreSet, extractor: Extractor
) -> None:
    amid = SwappedAmid(stores.folder)
    edit = editor(amid, extractor, load_extractor("efficientnet_lite0"))
    amid.asked = 0
    with pytest.raises(StoreLockedError, match="send the change again"):
        edit.put(MUG, None, [picture(40)])
    assert amid.default == "efficientnet_lite0"


def test_many_small_changes_stay_few_segments(stores: StoreSet, extractor: Extractor) -> None:
    edit = editor(stores, extractor)
    for number in range(12):
        edit.put(replace(MUG, title=f"Mug {number}"), None, [picture(40 + number % 2)])
    assert view(stores).products["mug"].title == "Mug 11"
    assert len(view(stores).parts) < 6
    assert found(stores, picture(41)) == "mug"
