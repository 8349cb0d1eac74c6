"""Which language a page is in, and what of it caches, programs and other addresses learn."""

import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.errors import ConfigError
from features.search import SearchService
from features.types import Product
from server import create_app
from server.config import Settings
from server.texts.formatting import availability, likeness, linked, number, price
from tests.server.conftest import TidyClient

GERMAN, ARABIC = {"Accept-Language": "de"}, {"Accept-Language": "ar-EG"}
RESULTS = "/search?example=mug-on-counter"
Shop = Callable[..., FlaskClient]


@pytest.fixture
def shop_in(settings: Settings, service: SearchService) -> Shop:
    """Makes a shop of some languages."""

    def make(*languages: str) -> FlaskClient:
        app: Flask = create_app(replace(settings, languages=languages), service=service)
        app.test_client_class = TidyClient
        return app.test_client()

    return make


def language_of(answer: TestResponse) -> str:
    return answer.text.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("DE-ch", "de"),
        ("fr,ar;q=0.4,de;q=0.3", "ar"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("", "en"),
        ("de_\x80;;q=x," * 50, "en"),
    ],
)
def test_the_browsers_language_is_the_pages(
    client: FlaskClient, accepted: str, language: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert language_of(answer) == language
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.vary


@pytest.mark.parametrize("address", ["/", RESULTS, "/search?q=mug", "/search?product=mug-001"])
def test_every_page_says_its_direction(client: FlaskClient, address: str) -> None:
    assert '<html lang="ar" dir="rtl">' in client.get(address, headers=ARABIC).text
    assert '<html lang="de" dir="ltr">' in client.get(address, headers=GERMAN).text


def test_an_address_asks_for_a_language_and_carries_it_on(client: FlaskClient) -> None:
    answer = client.get(f"{RESULTS}&lang=de", headers=ARABIC)
    assert language_of(answer) == "de" and "Accept-Language" not in answer.vary
    assert 'name="lang" value="de"' in answer.text and "product=" in answer.text
    for address in ("/", "/search"):
        assert f'action="{address}?lang=de"' in answer.text or f'href="{address}?lang=de"' in (
            answer.text
        )
    sent = client.post(
        "/search?lang=de", data={"image": (io.BytesIO(b"x"), "x.jpg")}, headers=ARABIC
    )
    assert language_of(sent) == "de"


def test_no_address_carries_a_language_that_was_not_asked_for(client: FlaskClient) -> None:
    for address in ("/", RESULTS, "/search?q=mug", "/search?product=mug-001", f"{RESULTS}&lang=xx"):
        assert "lang=de" not in client.get(address, headers=GERMAN).text


def test_a_shop_with_one_language_speaks_that(shop_in: Shop) -> None:
    answer = shop_in("de").get("/", headers=ARABIC)
    assert language_of(answer) == "de" and "Accept-Language" not in answer.vary
    assert language_of(shop_in("de").get("/?lang=en")) == "de"


def test_the_first_language_is_the_usual_one(shop_in: Shop) -> None:
    shop = shop_in("ar", "en")
    assert language_of(shop.get("/", headers=GERMAN)) == "ar"
    assert language_of(shop.get("/", headers={"Accept-Language": "en"})) == "en"


def test_a_language_without_texts_is_refused_at_start() -> None:
    assert Settings.from_environment({"VISUAL_SEARCH_LANGUAGES": "de, en"}).languages == (
        "de",
        "en",
    )
    with pytest.raises(ConfigError, match=r"VISUAL_SEARCH_LANGUAGES is 'de,fr'; .* ar, de"):
        Settings.from_environment({"VISUAL_SEARCH_LANGUAGES": "de,fr"})


def test_an_error_that_a_shopper_causes_is_told_in_their_language(client: FlaskClient) -> None:
    form = {"image": (io.BytesIO(b"no picture at all"), "x.jpg")}
    refused = client.post("/search", data=form, headers=GERMAN)
    assert refused.status_code == 415
    assert "Das ist kein Bild, das gelesen werden kann." in refused.text
    assert "Mit diesem Bild kann nicht gesucht werden" in refused.text
    gone = client.get("/search?product=none", headers=GERMAN)
    assert "Dieses Produkt wird hier nicht mehr verkauft." in gone.text
    assert "Hier ist nichts" in client.get("/nothing", headers=GERMAN).text


def test_an_error_that_only_its_message_tells_says_that_it_is_english(client: FlaskClient) -> None:
    page = client.get(f"{RESULTS}&threshold=many", headers=ARABIC).text
    assert 'role="alert" lang="en" dir="ltr">threshold is' in page


def test_programs_read_english_and_no_caches_are_split(client: FlaskClient) -> None:
    found = client.get("/api/v1/products/mug-001/similar", headers=GERMAN)
    assert found.headers["ETag"] == client.get("/api/v1/products/mug-001/similar").headers["ETag"]
    refused = client.get("/api/v1/products/none", headers=GERMAN)
    assert refused.get_json()["detail"] == "There is no product 'none'."
    for answer in (found, refused):
        assert "Content-Language" not in answer.headers and "Accept-Language" not in answer.vary


def test_whoever_runs_the_shop_reads_english(client: FlaskClient) -> None:
    assert language_of(client.get("/admin", headers=GERMAN)) == "en"


def test_a_frame_is_in_the_language_of_the_page_around(client: FlaskClient) -> None:
    frame = client.get("/embed/similar/mug-001?lang=ar", headers=GERMAN).text
    assert '<html lang="ar" dir="rtl">' in frame and "قطع مشابهة</h1>" in frame
    other = client.get("/embed/similar/mug-001?lang=he", headers=GERMAN).text
    assert '<html lang="he" dir="rtl">' in other and "Similar items</h1>" in other


def test_widgets_get_their_words_in_the_pages_language_or_the_browsers(client: FlaskClient) -> None:
    german = client.get("/widget/texts.js?lang=de-CH", headers=ARABIC)
    assert german.mimetype == "text/javascript" and '"close":"Schließen"' in german.text
    assert german.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept-Language" not in german.vary
    arabic = client.get("/widget/texts.js", headers=ARABIC)
    assert '"direction":"rtl"' in arabic.text and "Accept-Language" in arabic.vary
    assert arabic.headers["ETag"] != german.headers["ETag"]
    known = {**ARABIC, "If-None-Match": arabic.headers["ETag"]}
    assert client.get("/widget/texts.js", headers=known).status_code == 304
    assert '"language":"en"' in client.get("/widget/texts.js?lang=fr", headers=GERMAN).text


@pytest.mark.parametrize(
    ("language", "shown", "count"),
    [("en", "€1,299.50", "12,000"), ("de", "1.299,50\xa0€", "12.000")],
)
def test_prices_and_numbers_are_written_as_in_the_language(
    app: Flask, language: str, shown: str, count: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert price(Product("a", price=Decimal("1299.5"), currency="EUR")) == shown
        assert number(12_000) == count


def test_a_price_in_arabic_reads_from_the_right(app: Flask) -> None:
    with app.test_request_context(headers=ARABIC):
        assert price(Product("a", price=Decimal("12"), currency="EUR")) == "\u200f12.00\xa0€"
        assert price(Product("a", price=Decimal("12"), currency="SEK")) == "12.00 SEK"
        assert likeness(87) == "مشابه جدًا"
        assert availability(Product("a", availability="in_stock")) == "متوفر"


def test_a_link_in_a_text_escapes_what_it_is_made_of() -> None:
    made = linked('<b> [no] "x", or [none]', '/?q="', "data-go")
    assert made == '&lt;b&gt; [no] &#34;x&#34;, or <a href="/?q=&#34;" data-go>none</a>'
