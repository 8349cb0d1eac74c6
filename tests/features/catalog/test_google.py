"""Google Merchant Center in a table."""

from decimal import Decimal
from pathlib import Path

import pytest

from features.catalog import FeedOptions
from features.types import PictureRef
from tests.features.catalog.reading import locations, read_feed

FEED = (
    "id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\t"
    "sale_price\tbrand\tgtin\titem_group_id\tgoogle_product_category\tproduct_type\tcolor\n"
    "A1\tTee &amp; Cap\t<p>Soft</p><p>Warm</p>\thttps://x.example/a1\thttps://x.example/a1.jpg\t"
    "https://x.example/a1-2.jpg,https://x.example/w_1%2Ch_2/a1-3.jpg\tin stock\t15.00 USD\t"
    "12.00 USD\tFleet\t4006381333931\tA\t212\tClothing > Tees\tRed\n"
    "A2\tTee\t\thttps://x.example/a2\t\t\tout_of_stock\t15.00 USD\t\tFleet\t\tA\t212\t\tBlue\n"
    "B\tHat\t\thttps://x.example/b\tb.jpg\tb2.jpg, b3.jpg,\tpreorder\t7 EUR\t9 EUR\t\t\t\t"
    "Apparel & Accessories > Hats\t\t\n"
)


def test_an_offer_is_read_whole(tmp_path: Path) -> None:
    entries, reasons = read_feed(tmp_path, FEED)
    assert reasons == []
    tee, _, _ = entries
    assert tee.pictures == (
        PictureRef("https://x.example/a1.jpg", 2),
        PictureRef("https://x.example/a1-2.jpg", 2),
        PictureRef("https://x.example/w_1%2Ch_2/a1-3.jpg", 2),
    )
    product = tee.product
    assert (product.title, product.description) == ("Tee & Cap", "Soft\nWarm")
    assert (product.category, product.brand) == ("Clothing > Tees", "Fleet")
    assert (product.price, product.currency) == (Decimal("12.00"), "USD")
    assert (product.url, product.availability) == ("https://x.example/a1", "in_stock")
    assert product.attributes == {
        "gtin": "4006381333931",
        "google_product_category": "212",
        "color": "Red",
        "variants": "A1",
        "regular_price": "15.00",
    }


def test_offers_of_one_group_are_variants_of_one_product(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, FEED)
    assert [(entry.product.id, entry.variant, entry.line) for entry in entries] == [
        ("A", True, 2),
        ("A", True, 3),
        ("B", False, 4),
    ]
    assert entries[1].pictures == ()
    assert entries[1].product.attributes["variants"] == "A2"
    assert "variants" not in entries[2].product.attributes


def test_googles_category_serves_where_the_shop_has_none(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, FEED)
    assert [entry.product.category for entry in entries[1:]] == ["", "Apparel & Accessories > Hats"]


def test_a_sale_that_is_dearer_is_none(tmp_path: Path) -> None:
    entries, _ = read_feed(tmp_path, FEED)
    hat = entries[2]
    assert (hat.product.price, hat.product.attributes.get("regular_price")) == (7, None)
    assert locations(hat) == ["b.jpg", "b2.jpg", "b3.jpg"]


@pytest.mark.parametrize(
    ("days", "price"),
    [
        ("2001-01-01T00:00+0100/2001-02-01T00:00+0100", 20),
        ("2001-01-01T00:00+0100/2999-02-01T00:00+0100", 15),
    ],
)
def test_a_sale_counts_on_its_days(tmp_path: Path, days: str, price: int) -> None:
    text = f"id,image_link,price,sale_price,sale_price_effective_date\n1,a.jpg,20,15,{days}\n"
    (entry,), _ = read_feed(tmp_path, text, FeedOptions(currency="EUR"))
    assert (entry.product.price, entry.product.currency) == (price, "EUR")


@pytest.mark.parametrize(
    "header",
    [
        "id,title,image_link,item_group_id",
        "ID,Title,Image Link,Item Group ID",
        "g:id,g:title,g:image_link,g:item_group_id",
        "id;title;image link;item group id",
        "id\ttitle\timage_link\titem_group_id",
    ],
)
def test_headers_are_written_in_many_ways(tmp_path: Path, header: str) -> None:
    mark = next(mark for mark in ",;\t" if mark in header)
    (entry,), _ = read_feed(tmp_path, header + "\n" + mark.join(["1", "Tee", "a.jpg", "G"]))
    assert (entry.product.id, entry.product.title) == ("G", "Tee")
    assert locations(entry) == ["a.jpg"]


def test_what_is_wrong_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        "id,image_link,price,sale_price,availability\n"
        ",a.jpg,,,\n2,b.jpg,ask,5 EUR,maybe\n3,c.jpg,7 EUR,soon,in stock\n"
    )
    entries, reasons = read_feed(tmp_path, text)
    assert reasons == [(2, "no_id"), (3, "bad_price"), (3, "bad_availability"), (4, "bad_price")]
    assert [entry.product.price for entry in entries] == [5, 7]


def test_columns_may_be_repeated(tmp_path: Path) -> None:
    feed = (
        "id\timage_link\tadditional_image_link\tadditional image link\tadditional_image_link\t"
        "shipping\tshipping\n"
        "1\thttps://x.example/1.jpg\thttps://x.example/2.jpg,https://x.example/3.jpg\t\t"
        "https://x.example/4.jpg\tDE:5 EUR\tFR:9 EUR\n"
    )
    (entry,), reasons = read_feed(tmp_path, feed)
    assert reasons == []
    assert locations(entry) == [f"https://x.example/{number}.jpg" for number in (1, 2, 3, 4)]
    assert entry.product.attributes == {"shipping": "DE:5 EUR"}


def test_an_address_is_mended(tmp_path: Path) -> None:
    feed = "id\timage_link\n1\t//x.example/1.jpg?w=9&amp;h=9\n2\ta&amp;b.jpg\n"
    (first, second), _ = read_feed(tmp_path, feed)
    assert locations(first) == ["https://x.example/1.jpg?w=9&h=9"]
    assert locations(second) == ["a&amp;b.jpg"]
