"""Picture locations stay inside the catalogue."""

import os
import time
import unicodedata
from pathlib import Path

import pytest

from features.errors import PictureNotFoundError, PictureOutsideCatalogError, RemotePictureError
from features.pictures import PictureFolder, locate


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


def test_a_name_may_be_spelled_a_little_otherwise(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "grün.PNG")).write_bytes(b"green")
    (tmp_path / unicodedata.normalize("NFC", "blüe.jpg")).write_bytes(b"blue")
    pictures = PictureFolder(tmp_path)
    for form in ("NFC", "NFD"):
        for name, data in (("grün.PNG", b"green"), ("grün.png", b"green"), ("blüe.JPG", b"blue")):
            location = unicodedata.normalize(form, name)
            assert pictures.read(location) == data
            assert pictures.stamp(location) is not None


def test_the_very_name_comes_first(tmp_path: Path) -> None:
    for name in ("a.png", "a.PNG"):
        (tmp_path / name).write_bytes(name.encode())
    assert PictureFolder(tmp_path).read("a.PNG") == b"a.PNG"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("none.jpg", "there is no picture 'none.jpg' in"),
        ("n" * 5_000 + ".jpg", "there is no picture"),
        ("www.shop.example/a.jpg", "has to start with https://"),
        ("/media/a.jpg", "has to start with https://"),
        ("C:\\shop\\a.jpg", "another computer"),
        ("data:image/png;base64," + "A" * 5_000, "into the feed itself"),
        ("folder.jpg", "no file, but a folder"),
        ("link.jpg", "there is no picture"),
    ],
)
def test_a_picture_that_is_not_there_says_what_may_be_meant(
    tmp_path: Path, location: str, words: str
) -> None:
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "link.jpg").symlink_to("nowhere.jpg")
    with pytest.raises(PictureNotFoundError, match=words) as error:
        PictureFolder(tmp_path).read(location)
    assert len(str(error.value)) < 500


def test_a_stamp_tells_a_file_that_was_copied_over(tmp_path: Path) -> None:
    (tmp_path / "a.bmp").write_bytes(b"one")
    os.utime(tmp_path / "a.bmp", (0, 0))
    before = PictureFolder(tmp_path).stamp("a.bmp")
    time.sleep(0.01)
    (tmp_path / "a.bmp").write_bytes(b"two")
    os.utime(tmp_path / "a.bmp", (0, 0))
    assert PictureFolder(tmp_path).stamp("a.bmp") != before
