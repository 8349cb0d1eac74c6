"""A folder of pictures as a catalogue."""

import os
from pathlib import Path

from features.catalog import read_catalog
from features.errors import RowError
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


def test_an_empty_folder_has_no_products(tmp_path: Path) -> None:
    assert list(read_catalog(tmp_path)) == []
