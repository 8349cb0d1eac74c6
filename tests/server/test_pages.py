"""The shopper's pages without a browser."""

import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.errors import ConfigError
from features.types import Product
from server.config import Settings
from server.pages.examples import read_examples
from server.texts.formatting import price, web_link


def uploaded(client: FlaskClient, photo: bytes) -> str:
    form = {"image": (io.BytesIO(photo), "x.jpg")}
    return client.post("/search", data=form, follow_redirects=True).text


def test_the_first_page_has_a_plain_form_and_examples(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'enctype="multipart/form-data"' in page and 'type="file"' in page
    assert "Corner Shop" in page and page.count('class="example"') == 17


def test_an_upload_shows_products_with_picture_title_price_and_similarity(
    client: FlaskClient, mug_photo: bytes
) -> None:
    page = uploaded(client, mug_photo)
    assert page.count('class="product"') == 6
    first = page[page.index('class="product"') :]
    assert "Mug" in first and "€" in first and re.search(r", \d+ %</p>", first)


def test_every_picture_on_the_results_page_is_there(client: FlaskClient, mug_photo: bytes) -> None:
    page = uploaded(client, mug_photo)
    for address in re.findall(r'src="(/pictures/[^"]+)"', page):
        picture = client.get(address, headers={"Accept": "image/webp,*/*"})
        assert picture.status_code == 200 and picture.mimetype == "image/webp"
        assert "immutable" in picture.headers["Cache-Control"]


def test_an_example_is_searched_by_its_address(client: FlaskClient) -> None:
    assert 'class="product"' in client.get("/search?example=mug-on-counter").text
    assert client.get("/search?example=nothing").status_code == 404
    assert client.get("/search").headers["Location"] == "/"


def test_a_form_without_a_file_asks_for_one(client: FlaskClient) -> None:
    page = client.post("/search", data={"image": (io.BytesIO(), "")})
    assert page.status_code == 400 and "No photo was chosen" in page.text


def test_an_unknown_page_is_a_page(client: FlaskClient) -> None:
    page = client.get("/nothing")
    assert page.status_code == 404 and page.mimetype == "text/html"


def test_a_photo_that_is_gone_is_told_once_with_the_reason(client: FlaskClient) -> None:
    answer = client.get("/search?photo=" + 32 * "a")
    assert answer.status_code == 410
    _, _, main = answer.text.partition("<main")
    assert main.count("no longer kept") == 1 and "Photos are deleted after" in main


@pytest.mark.parametrize(
    "address",
    [
        "/pictures/" + "0" * 32,
        "/pictures/..%2f..%2fetc%2fpasswd",
        "/pictures/../manifest.json",
        "/examples/..%2f..%2fREADME.md",
        "/static/../server/config.py",
    ],
)
def test_nothing_but_pictures_of_the_catalogue_is_reachable(
    client: FlaskClient, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_every_answer_carries_the_protective_headers(client: FlaskClient) -> None:
    for address in ("/", "/nothing", "/livez", "/api/v1/nothing", "/static/style.css"):
        headers = client.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=(self)" in headers["Permissions-Policy"]
    assert "camera=()" in client.get("/embed/search").headers["Permissions-Policy"]


def test_a_least_similarity_leaves_out_what_is_less_alike(client: FlaskClient) -> None:
    everything = client.get("/search?example=mug-on-counter&limit=12").text
    shown = [int(text) for text in re.findall(r", (\d+) %</p>", everything)]
    least = shown[0]
    page = client.get(f"/search?example=mug-on-counter&limit=12&threshold={least}").text
    assert page.count('class="product"') == sum(value >= least for value in shown) < len(shown)
    assert f"at least {least} % similar" in page
    assert f'type="hidden" name="threshold" value="{least}"' in page  # another item keeps it
    assert client.get("/search?example=mug-on-counter&threshold=101").status_code == 400


def test_nothing_similar_enough_is_said_in_words(client: FlaskClient) -> None:
    page = client.get("/search?example=mug-on-counter&threshold=100").text
    assert "<h2>Nothing found</h2>" in page and 'class="product"' not in page
    assert 'href="/search?example=mug-on-counter"' in page


def test_the_pages_load_nothing_from_other_hosts(client: FlaskClient) -> None:
    page = client.get("/search?example=mug-on-counter").text
    loaded = re.findall(r'(?:src|href)="(https?:[^"]*)"', page)
    assert all(address.startswith("https://shop.example/") for address in loaded)


def test_health_tells_alive_from_ready(app: Flask, tmp_path: Path) -> None:
    from server import create_app

    client = app.test_client()
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.get_json()["products"] == 12
    unready = create_app(Settings(store=tmp_path / "none")).test_client()
    assert unready.get("/livez").status_code == 200
    assert unready.get("/readyz").status_code == 503


def test_prices_read_as_in_a_shop() -> None:
    assert price(Product("a", price=Decimal("1299.5"), currency="EUR")) == "€1,299.50"
    assert price(Product("a", price=Decimal("900"), currency="JPY")) == "¥900"
    assert price(Product("a", price=Decimal("12"), currency="SEK")) == "12.00 SEK"
    assert price(Product("a", price=Decimal("12"))) == "12.00"
    assert price(Product("a")) == ""


def test_only_links_to_the_web_are_links() -> None:
    assert web_link("https://shop.example/p/1") == "https://shop.example/p/1"
    for address in ("javascript:alert(1)", "data:text/html,x", "/p/1", "http://", "http://[", ""):
        assert web_link(address) == ""


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        {"VISUAL_SEARCH_STORE": "/data/store", "VISUAL_SEARCH_RESULTS": "12", "OTHER": "x"}
    )
    assert settings == Settings(store=Path("/data/store"), results=12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("RESULTS", "0"), ("RESULTS", "many"), ("MAX_BYTES", "-5"), ("INDEX", "magic")],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"VISUAL_SEARCH_{name}"):
        Settings.from_environment({f"VISUAL_SEARCH_{name}": value})


def test_examples_that_are_not_there_are_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not there"):
        read_examples(tmp_path / "photos.csv")
    table = tmp_path / "photos.csv"
    table.write_text("image,title\nmissing.jpg,A photo\n")
    with pytest.raises(ConfigError, match=r"line 2.*missing\.jpg"):
        read_examples(table)
