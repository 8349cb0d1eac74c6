"""A folder of pictures as a catalogue."""

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.catalog.folder import read_folder
from features.errors import CatalogError, RowError
from features.types import CatalogEntry


def test_a_folder_of_pictures_is_a_catalogue(tmp_path: Path) -> None:
    for name in (
        "Shoes/Running/blue_trail-shoe.JPG",
        "Shoes/boot.webp",
        "hat.png",
        "hat.jpg",
        "notes.txt",
        ".hidden.jpg",
        ".cache/thumb.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    entries = {e.product.id: e for e in read_catalog(tmp_path) if isinstance(e, CatalogEntry)}
    assert list(entries) == ["hat", "Shoes/boot", "Shoes/Running/blue_trail-shoe"]
    shoe = entries["Shoes/Running/blue_trail-shoe"]
    assert shoe.product.title == "Blue trail shoe"
    assert shoe.product.category == "Shoes > Running"
    assert shoe.pictures[0].location == "Shoes/Running/blue_trail-shoe.JPG"
    assert [picture.location for picture in entries["hat"].pictures] == ["hat.jpg", "hat.png"]
    assert entries["hat"].product.category == ""


def test_a_file_name_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    (tmp_path / "good.jpg").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")).write_bytes(b"")
    bad, good = sorted(read_catalog(tmp_path), key=lambda entry: isinstance(entry, CatalogEntry))
    assert isinstance(bad, RowError)
    assert bad.row_code == "not_utf8"
    str(bad).encode()
    assert isinstance(good, CatalogEntry)


def test_a_name_is_the_same_however_its_accents_are_written(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        path = tmp_path / form / unicodedata.normalize(form, "Hüte/grün.png")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
        (entry,) = read_catalog(tmp_path / form)
        assert isinstance(entry, CatalogEntry)
        assert entry.product.id == unicodedata.normalize("NFC", "Hüte/grün")
        assert (tmp_path / form / entry.pictures[0].location).exists()


def test_a_feed_among_the_pictures_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "hat.png").write_bytes(b"")
    (tmp_path / "feed.CSV").write_text("id,image\n1,hat.png\n")
    (tmp_path / "notes.txt").write_text("no feed")
    left_out, hat = read_catalog(tmp_path)
    assert isinstance(left_out, RowError)
    assert str(tmp_path / "feed.CSV") in str(left_out)
    assert isinstance(hat, CatalogEntry)


def test_a_link_to_a_folder_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "hats").symlink_to(tmp_path)
    (left_out,) = read_catalog(tmp_path / "shop")
    assert isinstance(left_out, RowError)
    assert "'hats'" in str(left_out)


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hat.png").write_bytes(b"")
    entries = read_folder(tmp_path)
    next(entries)
    shutil.rmtree(tmp_path / "b")
    with pytest.raises(CatalogError, match=str(tmp_path / "b")):
        list(entries)


def test_an_empty_folder_has_no_products(tmp_path: Path) -> None:
    assert list(read_catalog(tmp_path)) == []
