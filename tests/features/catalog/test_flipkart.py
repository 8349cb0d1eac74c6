"""The Flipkart products CSV."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from features.catalog import read_catalog
from features.errors import RowError
from features.types import CatalogEntry

COLUMNS = [
    "uniq_id",
    "product_name",
    "product_category_tree",
    "retail_price",
    "discounted_price",
    "image",
]


def read(folder: Path, *rows: tuple[str, ...]) -> list[CatalogEntry | RowError]:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    path = folder / "feed.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return list(read_catalog(path))


def test_the_real_sample_is_read_whole(shared_data: Path) -> None:
    rows = list(read_catalog(shared_data / "data" / "feeds" / "flipkart_sample_400.csv"))
    entries = [row for row in rows if isinstance(row, CatalogEntry)]
    assert [row for row in rows if isinstance(row, RowError)] == []
    assert len(entries) == 400
    assert sum(len(entry.pictures) for entry in entries) == 1876
    first = entries[0].product
    assert first.title == "Alisha Solid Women's Cycling Shorts"
    assert first.category.startswith("Clothing > Women's Clothing > ")
    assert "Cycling Shorts" not in first.category
    assert (first.price, first.currency) == (Decimal(379), "INR")
    assert first.attributes["Fabric"] == "Cotton Lycra"
    assert first.attributes["regular_price"] == "999"
    assert all(entry.product.title for entry in entries)


def test_bad_cells_are_errors_of_their_row(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        ("1", "Shoe", '["Shoes >> Running >> Shoe"]', "9", "", '["a.jpg", "a.jpg", "b.jpg"]'),
        ("2", "Hat", '["Hats"]', "9", "7", "[]"),
        ("3", "Cap", '["Hats"]', "9", "7", "not json"),
        ("4", "Cap", '["Hats"]', "9", "7", "7"),
        ("5", "Cap", '["Hats"]', "9", "7", "[7]"),
        ("", "Cap", '["Hats"]', "9", "7", '["c.jpg"]'),
        ("7", "Tie", "not json", "?", "", '["t.jpg"]'),
        ("8", "Tie", "[" * 5_000, "9", "", "[" * 5_000),
    )
    errors = [(row.line, row.row_code) for row in rows if isinstance(row, RowError)]
    assert errors == [
        (3, "no_picture"),
        (4, "bad_cell"),
        (5, "bad_cell"),
        (6, "bad_cell"),
        (7, "no_id"),
        (8, "bad_price"),
        (9, "bad_cell"),
    ]
    shoe, tie = (row for row in rows if isinstance(row, CatalogEntry))
    assert [picture.location for picture in shoe.pictures] == ["a.jpg", "b.jpg"]
    assert (shoe.product.price, shoe.product.category) == (Decimal(9), "Shoes > Running")
    assert (tie.product.price, tie.product.currency) == (None, "")


def test_json_cannot_smuggle_in_text_that_no_file_can_hold(tmp_path: Path) -> None:
    (entry,) = read(
        tmp_path, ("1", "Shoe", r'["Caf\ud800\u0000 >> Shoe"]', "", "", r'["a\udcff.jpg"]')
    )
    assert isinstance(entry, CatalogEntry)
    entry.product.category.encode()
    entry.pictures[0].location.encode()


def test_lower_cased_copies_with_an_index_column_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(
        "unnamed: 0,uniq_id,product_name,product_category_tree,image,product_specifications\n"
        '0,a1,blue shoe 8" wide,"[""blue shoe 8 inch""]","[""a.jpg""]",'
        '"{""product_specification""=>[{""key""=>""heel"", ""value""=>""8\\"" high""}, '
        '{""value""=>""alone""}, {""key""=>""empty"", ""value""=>nil}]}"\n',
        encoding="utf-8",
    )
    (entry,) = read_catalog(path)
    assert isinstance(entry, CatalogEntry)
    assert (entry.product.id, entry.product.title) == ("a1", 'blue shoe 8" wide')
    assert (entry.product.category, entry.line) == ("", 2)
    assert entry.product.attributes == {"heel": '8" high'}
