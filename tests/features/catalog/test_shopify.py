"""Shopify's product export, as it was and as it is."""

from pathlib import Path

import pytest

from features.catalog import FeedOptions
from features.types import PictureRef
from tests.features.catalog.reading import locations, read_feed

OLD = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
    "Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,"
    "Image Src,Image Position,Image Alt Text,Variant Image,Google Shopping / Gender,"
    "Fabric (product.metafields.custom.fabric),Status\n"
    'tee,Tee,<p>Soft</p>,Fleet,Apparel > Tees,T-shirt,"cotton, summer",TRUE,Color,Red,Size,S,T-R,'
    "shopify,3,deny,15.00,20.00,tee-2.jpg,2,Back,tee-red.jpg,unisex,Cotton,active\n"
    "tee,,,,,,,,,Blue,,M,T-B,shopify,0,continue,15.00,,tee-1.jpg,1,Front,tee-blue.jpg,,,\n"
    "tee,,,,,,,,,Green,,M,T-G,shopify,0,deny,16.00,,,,,,,,\n"
    "tee,,,,,,,,,,,,,,,,,,tee-3.jpg,3,Side,,,,\n"
    "mug,Mug,,Fleet,,Mugs,,TRUE,Title,Default Title,,,M-1,,,deny,7,7,mug.jpg,1,,,,,active\n"
)
NEW = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,"
    "Inventory quantity,Continue selling when out of stock,Product image URL,Image position,"
    "Image alt text,Variant image URL\n"
    "Tee,tee,<p>Soft</p>,Fleet,Apparel > Tees,T-shirt,cotton,TRUE,Active,T-R,Color,Red,15.00,20.00,"
    "shopify,0,CONTINUE,tee-1.jpg,1,,tee-red.jpg\n"
    ",tee,,,,,,,,T-B,,Blue,15.00,,shopify,0,DENY,tee-2.jpg,2,,\n"
)
OPTIONS = FeedOptions(currency="EUR", store_url="https://x.example/")


def test_the_first_row_is_the_product_and_the_others_are_its_variants(tmp_path: Path) -> None:
    entries, reasons = read_feed(tmp_path, OLD, OPTIONS)
    assert reasons == []
    assert sorted((entry.line or 0, entry.product.id, entry.variant) for entry in entries) == [
        (2, "tee", False),
        (3, "tee", True),
        (4, "tee", True),
        (5, "tee", True),
        (6, "mug", False),
    ]


def test_a_product_is_read_whole(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, OLD, OPTIONS)
    (tee,) = (entry for entry in entries if entry.line == 2)
    product = tee.product
    assert (product.title, product.description, product.brand) == ("Tee", "Soft", "Fleet")
    assert (product.category, product.url) == ("Apparel > Tees", "https://x.example/products/tee")
    assert (product.price, product.currency, product.availability) == (15, "EUR", "in_stock")
    assert product.attributes == {
        "type": "T-shirt",
        "tags": "cotton, summer",
        "sku": "T-R",
        "gender": "unisex",
        "fabric": "Cotton",
        "color": "Red",
        "size": "S",
        "regular_price": "20.00",
    }
    assert tee.pictures == (PictureRef("tee-2.jpg", 2), PictureRef("tee-red.jpg", 2))


def test_pictures_come_in_the_order_of_their_positions(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, OLD, OPTIONS)
    assert [locations(entry) for entry in entries] == [
        ["tee-1.jpg", "tee-blue.jpg"],
        ["tee-2.jpg", "tee-red.jpg"],
        ["tee-3.jpg"],
        [],
        ["mug.jpg"],
    ]


def test_variants_have_the_options_that_the_first_row_names(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, OLD, OPTIONS)
    (blue,) = (entry for entry in entries if entry.line == 3)
    assert blue.product.attributes == {"sku": "T-B", "color": "Blue", "size": "M"}
    (picture,) = (entry for entry in entries if entry.line == 5)
    assert picture.product.attributes == {}
    assert (picture.product.price, picture.product.availability) == (None, "")


def test_stock_says_whether_a_variant_can_be_bought(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, OLD)
    stock = {entry.line: entry.product.availability for entry in entries}
    assert stock == {2: "in_stock", 3: "backorder", 4: "out_of_stock", 5: "", 6: "in_stock"}


def test_a_product_without_options_has_none(tmp_path: Path) -> None:
    mug = read_feed(tmp_path, OLD)[0][-1].product
    assert mug.attributes == {"type": "Mugs", "sku": "M-1"}
    assert (mug.category, mug.url, mug.currency) == ("Mugs", "", "")


def test_the_new_export_says_the_same(tmp_path: Path) -> None:
    (tee, blue), reasons = read_feed(tmp_path, NEW, OPTIONS)
    assert reasons == []
    assert (tee.product.id, tee.product.title, tee.variant) == ("tee", "Tee", False)
    assert (tee.product.description, tee.product.category) == ("Soft", "Apparel > Tees")
    assert (tee.product.price, tee.product.attributes["regular_price"]) == (15, "20.00")
    assert (tee.product.availability, blue.product.availability) == ("backorder", "out_of_stock")
    assert (blue.variant, blue.product.attributes) == (True, {"sku": "T-B", "color": "Blue"})
    assert [locations(tee), locations(blue)] == [["tee-1.jpg", "tee-red.jpg"], ["tee-2.jpg"]]
    assert tee.product.url == "https://x.example/products/tee"


@pytest.mark.parametrize(
    ("published", "status", "kept"),
    [
        ("TRUE", "active", True),
        ("true", "", True),
        ("", "Active", True),
        ("FALSE", "active", False),
        ("TRUE", "draft", False),
        ("TRUE", "archived", False),
    ],
)
def test_what_is_not_for_sale_is_left_out_with_all_its_rows(
    tmp_path: Path, published: str, status: str, kept: bool
) -> None:
    text = (
        "Handle,Title,Published,Status,Image Src\n"
        f"a,A,{published},{status},a.jpg\na,,,,a2.jpg\nb,B,TRUE,active,b.jpg\na,,,,a3.jpg\n"
    )
    entries, reasons = read_feed(tmp_path, text)
    assert reasons == []
    assert {entry.product.id for entry in entries} == ({"a", "b"} if kept else {"b"})


def test_a_damaged_row_does_not_part_a_product(tmp_path: Path) -> None:
    text = (
        "Handle,Title,Option1 Name,Option1 Value,Image Src\n"
        "a,A,Color,Red,a.jpg\na,,,one,cell,too,many\na,,,Blue,b.jpg\n,,,,c.jpg\n"
    )
    entries, reasons = read_feed(tmp_path, text)
    assert sorted(reasons, key=str) == [(3, "too_many_cells"), (5, "no_id")]
    assert [entry.product.attributes for entry in entries] == [{"color": "Red"}, {"color": "Blue"}]


def test_a_file_of_one_product_without_end_is_read_in_parts(tmp_path: Path) -> None:
    rows = "".join(f"a,,{n}.jpg\n" for n in range(12_000))
    entries, reasons = read_feed(tmp_path, "Handle,Title,Image Src\na,A,first.jpg\n" + rows)
    assert (len(entries), reasons) == (12_001, [])
