"""A feed is recognised without being told; a shop may still say what it is."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.catalog import FeedOptions, format_names, parse_column_map, read_catalog
from features.catalog.feed import FeedFile
from features.catalog.formats import open_feed
from features.errors import CatalogColumnsError, CatalogError, VisualSearchError
from tests.features.catalog.reading import locations, read_feed
from tests.features.catalog.test_google import FEED as GOOGLE
from tests.features.catalog.test_google_xml import ATOM, RSS
from tests.features.catalog.test_shopify import NEW, OLD
from tests.features.catalog.test_woocommerce import HEADER as WOOCOMMERCE

PLAIN = "id,title,image\n1,Shoe,a.jpg\n"
SMALL_FEEDS = [
    PLAIN,
    GOOGLE,
    RSS,
    ATOM,
    OLD,
    NEW,
    WOOCOMMERCE + "1,simple,A,A,1,,<b>x,1,,0,1,2,C,,a.jpg,,,,,,\n",
]


def written(folder: Path, text: str, options: FeedOptions | None = None) -> str:
    path = folder / "feed"
    path.write_text(text, encoding="utf-8")
    return read_catalog(path, options or FeedOptions()).format


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("id,image", "csv"),
        ("id,image,images,sku", "woocommerce"),
        ("ID,Title,Image Link", "google"),
        ("g:id\tg:image_link", "google"),
        ("id,image,image_link", "google"),
        ("Handle,Title,Image Src", "shopify"),
        ("Title,URL handle,Product image URL", "shopify-new"),
        ("Title,Handle,Product image URL", "shopify-new"),
        ("ID,Type,SKU,Name,Images", "woocommerce"),
        ("ID;Typ;Artikelnummer;Name;Bilder", "woocommerce"),
        ("ID,Type,UGS,Nom,Images", "woocommerce"),
        ("ID,Tipo,SKU,Nombre,Imágenes", "woocommerce"),
        ("uniq_id,product_name,product_category_tree,image", "flipkart"),
        (",Uniq_ID,Product_Category_Tree,Image,id", "flipkart"),
        ("<rss/>", "google-xml"),
        (" \n<?xml-stylesheet href='x'?><feed/>", "google-xml"),
    ],
)
def test_a_format_is_known_by_its_headers(tmp_path: Path, header: str, name: str) -> None:
    assert written(tmp_path, f"{header}\n") == name
    assert name in format_names()


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    text = "id,image,image_link\n1,a.jpg,b.jpg\n"
    for name, location in (("csv", "a.jpg"), ("google", "b.jpg")):
        (entry,), _ = read_feed(tmp_path, text, FeedOptions(format=name))
        assert locations(entry) == [location]


def test_an_unknown_format_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no feed format 'magento'; known: folder, csv, flip"):
        written(tmp_path, PLAIN, FeedOptions(format="magento"))


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("google", "'image_link'"),
        ("shopify", "'handle', 'image src'"),
        ("shopify-new", "'url handle', 'product image url'"),
        ("woocommerce", "'sku', 'images'"),
        ("flipkart", "'uniq_id', 'product_category_tree'"),
    ],
)
def test_a_forced_format_names_the_columns_that_it_lacks(
    tmp_path: Path, name: str, lacking: str
) -> None:
    with pytest.raises(CatalogColumnsError, match=f"{lacking}.*format '{name}' needs them"):
        written(tmp_path, PLAIN, FeedOptions(format=name))


def test_a_folder_and_a_file_are_not_taken_for_one_another(tmp_path: Path) -> None:
    assert read_catalog(tmp_path, FeedOptions(format="folder")).format == "folder"
    with pytest.raises(CatalogError, match="is a folder; the format 'csv' reads a file"):
        read_catalog(tmp_path, FeedOptions(format="csv"))
    with pytest.raises(CatalogError, match="is a file; the format 'folder' reads a folder"):
        written(tmp_path, PLAIN, FeedOptions(format="folder"))


def test_a_table_that_fits_nothing_is_told_of_the_map(tmp_path: Path) -> None:
    with pytest.raises(CatalogColumnsError, match="--map id=SKU"):
        written(tmp_path, "sku,photo\n1,a.jpg\n")


def test_an_unknown_currency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="give a code such as EUR"):
        written(tmp_path, PLAIN, FeedOptions(currency="coins"))


def test_a_shops_address_needs_its_scheme(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("id,image\n1,a.jpg\n")
    with pytest.raises(CatalogError, match="https://"):
        read_catalog(tmp_path / "feed", FeedOptions(store_url="shop.example"))
    read_catalog(tmp_path / "feed", FeedOptions(store_url="HTTPS://shop.example"))


@pytest.mark.parametrize("address", ["https://me:secret@shop.example", "me:secret@shop.example"])
def test_a_password_in_the_shops_address_is_refused_and_not_repeated(
    tmp_path: Path, address: str
) -> None:
    (tmp_path / "feed").write_text("id,image\n1,a.jpg\n")
    with pytest.raises(CatalogError, match="user name or password") as refused:
        read_catalog(tmp_path / "feed", FeedOptions(store_url=address))
    assert "secret" not in str(refused.value)


def test_a_map_names_the_columns_of_any_table(tmp_path: Path) -> None:
    text = "SKU;Name;Photo ;Cost;title\n1;Shoe;a.jpg;15;red\n"
    columns = {"id": "sku", "title": " NAME", "Image": "Photo", "price": "Cost"}
    (entry,), reasons = read_feed(tmp_path, text, FeedOptions(columns=columns))
    assert reasons == []
    product = entry.product
    assert (product.id, product.title, product.price) == ("1", "Shoe", 15)
    assert (product.attributes, locations(entry)) == ({}, ["a.jpg"])


def test_a_map_can_swap_columns(tmp_path: Path) -> None:
    options = FeedOptions(columns={"id": "image", "image": "id"})
    (entry,), _ = read_feed(tmp_path, "id,image\na.jpg,1\n", options)
    assert (entry.product.id, locations(entry)) == ("1", ["a.jpg"])


def test_with_a_map_a_table_is_plain_unless_it_is_forced(tmp_path: Path) -> None:
    columns = {"image": "image_link"}
    text = "id,image_link\n1,a.jpg\n"
    assert written(tmp_path, text, FeedOptions(columns=columns)) == "csv"
    columns = {"image_link": "Photo", "item group id": "Family"}
    options = FeedOptions(format="google", columns=columns)
    (entry,), _ = read_feed(tmp_path, "id,Photo,Family\n1,a.jpg,F\n", options)
    assert (entry.product.id, locations(entry)) == ("F", ["a.jpg"])


def test_a_map_speaks_the_words_of_the_forced_format(tmp_path: Path) -> None:
    options = FeedOptions(format="shopify-new", columns={"URL handle": "Slug"})
    (entry,), _ = read_feed(tmp_path, "Slug,Title,Product image URL\ntee,Tee,a.jpg\n", options)
    assert (entry.product.id, entry.product.title) == ("tee", "Tee")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"title": "Nmae"}, "'nmae', which .* does not have; it has 'id', 'title', 'image'"),
        ({"name": "title"}, "'name', which the format 'csv' does not know; it knows 'availab"),
        ({"id": "title", "title": "title"}, "uses 'title' for 'id' and for 'title'"),
        ({"title": "id"}, "lacks the column 'id'"),
    ],
)
def test_a_map_that_cannot_be_followed_is_refused(
    tmp_path: Path, columns: dict[str, str], words: str
) -> None:
    with pytest.raises(CatalogColumnsError, match=words):
        written(tmp_path, PLAIN, FeedOptions(columns=columns))


def test_a_map_is_written_as_pairs() -> None:
    texts = ["title=Name", " Image = Photo URL ", "url=link=x"]
    assert parse_column_map(texts) == {"title": "Name", "image": "Photo URL", "url": "link=x"}
    assert parse_column_map([]) == {}


@pytest.mark.parametrize("text", ["title", "=Name", "title=", "", "="])
def test_a_pair_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="title=Name"):
        parse_column_map([text])


def test_a_column_is_mapped_once() -> None:
    with pytest.raises(CatalogError, match="'title' is mapped twice, to 'Name' and to 'Label'"):
        parse_column_map(["title=Name", "title=Label"])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(SMALL_FEEDS), st.data())
def test_no_damage_is_too_much(tmp_path: Path, feed: str, data: st.DataObject) -> None:
    content = bytearray(feed.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 40]))
        content[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=4), st.sampled_from([b'"', b"<", b"&", b"\n", b",", b"\x00"])
            )
        )
    path = tmp_path / "feed"
    path.write_bytes(content)
    try:
        rows = list(open_feed(FeedFile.at(path), FeedOptions(store_url="https://x.example")).read())
    except VisualSearchError:
        return
    assert len(rows) <= 3 * (feed.count("\n") + 20)
