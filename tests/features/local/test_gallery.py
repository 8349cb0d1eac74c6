"""This machine's pictures in stores: each path a product, known ones left alone."""

import shutil
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.errors import (
    ConfigError,
    InvalidQueryError,
    JobCancelledError,
    PathNotAllowedError,
    StoreError,
)
from features.extractors import Extractor
from features.local import AllowedFolders, LocalGallery, open_local_stores
from features.pipeline import build_store
from features.store import StoreSet, open_store
from tests.helpers import CountingExtractor, picture, pictures_in, shop

LITE2 = "efficientnet_lite2_shop"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of three pictures, one of them in a folder of its own."""
    folder = tmp_path.resolve() / "photos"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "sub/c.png")):
        (folder / name).write_bytes(picture(number))
    return folder


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    return StoreSet(tmp_path / "stores")


def opened(stores: StoreSet, photos: Path, extractor: Extractor) -> LocalGallery:
    open_local_stores(stores)
    return LocalGallery(stores, AllowedFolders([photos]), lambda _: extractor)


def test_a_picture_is_a_product_by_its_absolute_path(
    stores: StoreSet, photos: Path, extractor: Extractor
) -> None:
    opened(stores, photos, extractor).add(photos / "sub", [LITE2])
    view = open_store(stores.folder_of())
    assert list(view.products) == [str(photos / "sub" / "c.png")]
    assert view.pictures_root == Path("/")


def test_known_pictures_are_not_embedded_again(
    stores: StoreSet, photos: Path, counting: CountingExtractor
) -> None:
    told = opened(stores, photos, counting).add(photos, [LITE2])
    assert (told.added, told.known, told.total, counting.embedded) == (3, 0, 3, 3)
    (photos / "b.png").write_bytes(picture(9))
    again = opened(stores, photos, counting).add(photos, [LITE2])
    assert (again.added, again.replaced, again.known) == (0, 1, 2)
    assert (again.total, counting.embedded) == (3, 4)


def test_a_picture_that_can_no_longer_be_read_keeps_its_place(
    stores: StoreSet, photos: Path, extractor: Extractor
) -> None:
    gallery = opened(stores, photos, extractor)
    gallery.add(photos, [LITE2])
    (photos / "b.png").write_bytes(b"torn")
    told = gallery.add(photos, [LITE2])
    assert [bad.path for bad in told.failed] == [str(photos / "b.png")]
    assert (told.known, told.total) == (2, 3)


def test_removing_a_folder_leaves_its_namesakes(
    stores: StoreSet, photos: Path, extractor: Extractor
) -> None:
    (photos / "sub-2").mkdir()
    (photos / "sub-2" / "d.png").write_bytes(picture(3))
    gallery = opened(stores, photos, extractor)
    gallery.add(photos, [LITE2])
    assert gallery.remove(photos / "sub", [LITE2]) == 1
    assert str(photos / "sub-2" / "d.png") in open_store(stores.folder_of()).products


def test_after_the_end_nothing_is_added(
    stores: StoreSet, photos: Path, extractor: Extractor
) -> None:
    gallery = opened(stores, photos, extractor)
    gallery.end()
    with pytest.raises(JobCancelledError):
        gallery.add(photos, [LITE2])


def test_a_shops_store_is_not_taken_for_one_of_this_machines_pictures(
    tmp_path: Path, extractor: Extractor
) -> None:
    store = tmp_path / "store"
    build_store(read_catalog(shop(tmp_path, 2)), pictures_in(tmp_path), store, extractor)
    version = open_store(store).version
    with pytest.raises(StoreError, match="holds a shop's catalogue"):
        open_local_stores(StoreSet(store))
    assert open_store(store).version == version


def test_a_store_that_was_moved_still_names_the_same_pictures(
    stores: StoreSet, photos: Path, tmp_path: Path, counting: CountingExtractor
) -> None:
    opened(stores, photos, counting).add(photos, [LITE2])
    moved = StoreSet(tmp_path / "further" / "down" / "stores")
    shutil.copytree(stores.folder, moved.folder)
    told = opened(moved, photos, counting).add(photos, [LITE2])
    assert (told.known, counting.embedded) == (3, 3)
    assert open_store(moved.folder_of()).pictures_root == Path("/")


def test_folders_are_allowed_with_all_below_and_nothing_beside(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "photos").mkdir()
    (root / "photos-2").mkdir()
    (root / "link").symlink_to(root / "photos")
    allowed = AllowedFolders([root / "link"])
    assert allowed.resolve(f"{root}/photos") == root / "photos"
    assert allowed.resolve(f"{root}/link/../link/none.png") == root / "photos" / "none.png"
    for path in ("photos-2/a.png", "photos/../a.png", "."):
        with pytest.raises(PathNotAllowedError):
            allowed.resolve(f"{root}/{path}")
    for path in ("", "a.png", "~/a.png"):
        with pytest.raises(InvalidQueryError, match="not absolute"):
            allowed.resolve(path)
    for folders in ([], [root / "none"]):
        with pytest.raises(ConfigError):
            AllowedFolders(folders)
