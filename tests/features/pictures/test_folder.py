"""Picture locations stay inside the catalogue."""

from pathlib import Path

import pytest

from features.errors import PictureNotFoundError, PictureOutsideCatalogError, RemotePictureError
from features.pictures import locate


def test_a_location_starts_from_the_catalogue(tmp_path: Path) -> None:
    assert locate(tmp_path, "a/b.jpg") == tmp_path.resolve() / "a" / "b.jpg"
    assert locate(tmp_path, r"a\b.jpg") == tmp_path.resolve() / "a" / "b.jpg"
    assert locate(tmp_path, "a/../b.jpg") == tmp_path.resolve() / "b.jpg"


@pytest.mark.parametrize(
    "location",
    ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg", r"..\secret.jpg", "//host/a.jpg"],
)
def test_a_location_outside_the_catalogue_is_refused(tmp_path: Path, location: str) -> None:
    with pytest.raises(PictureOutsideCatalogError, match="--pictures"):
        locate(tmp_path, location)


def test_a_link_out_of_the_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "secret.jpg").write_bytes(b"")
    (tmp_path / "shop" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "shop" / "folder").symlink_to(tmp_path)
    for location in ("link.jpg", "folder/secret.jpg"):
        with pytest.raises(PictureOutsideCatalogError):
            locate(tmp_path / "shop", location)


def test_a_sibling_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    with pytest.raises(PictureOutsideCatalogError):
        locate(tmp_path / "shop", "../shop-private/a.jpg")


def test_a_link_within_the_catalogue_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
    assert locate(tmp_path, "b.jpg") == (tmp_path / "a.jpg").resolve()


@pytest.mark.parametrize("location", ["https://shop.example/a.jpg", "HTTP://x/a", "file:///a.jpg"])
def test_a_picture_on_the_web_is_no_file(tmp_path: Path, location: str) -> None:
    with pytest.raises(RemotePictureError, match="on the web"):
        locate(tmp_path, location)


def test_an_impossible_path_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for location in ("a\x00.jpg", "loop/a.jpg"):
        with pytest.raises(PictureNotFoundError):
            locate(tmp_path, location)
