"""The shop's own look, and pages that scripts ask for."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.errors import ConfigError, TextIndexBuildingError
from features.search import SearchService
from server import create_app
from server.config import Settings

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><rect width="4" height="1"/></svg>'
)


@pytest.fixture
def themed(settings: Settings, service: SearchService, tmp_path: Path) -> FlaskClient:
    """A shop with a logo and a style sheet of its own."""
    (tmp_path / "logo.svg").write_text(LOGO)
    (tmp_path / "shop.css").write_text(":root { --accent: #704214; }")
    look = {"logo": tmp_path / "logo.svg", "theme": tmp_path / "shop.css"}
    return create_app(replace(settings, **look), service=service).test_client()


def test_a_logo_stands_for_the_name_and_the_styles_come_last(themed: FlaskClient) -> None:
    page = themed.get("/").text
    assert '<img class="brand-logo" src="/logo" alt="Corner Shop">' in page
    assert page.index("style.css") < page.index("/theme.css")
    with themed.get("/theme.css") as styles:
        assert styles.mimetype == "text/css" and "--accent" in styles.text


def test_a_logo_can_run_and_load_nothing(themed: FlaskClient) -> None:
    with themed.get("/logo") as logo:
        assert logo.mimetype == "image/svg+xml"
        assert logo.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert logo.headers["X-Content-Type-Options"] == "nosniff"


def test_a_shop_without_a_theme_has_the_pages_own(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "theme.css" not in page and "brand-logo" not in page
    assert client.get("/logo").status_code == client.get("/theme.css").status_code == 404


@pytest.mark.parametrize("name", ["logo", "theme"])
def test_a_theme_that_is_not_there_is_refused_at_start(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigError, match=f"VISUAL_SEARCH_{name.upper()} .* not there"):
        create_app(replace(settings, **{name: tmp_path / "none.svg"}))


def test_a_logo_that_browsers_do_not_show_is_refused_at_start(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "logo.psd").write_bytes(b"8BPS")
    with pytest.raises(ConfigError, match=r"must be one of \.svg"):
        create_app(replace(settings, logo=tmp_path / "logo.psd"))


def test_a_script_is_told_where_the_results_are(client: FlaskClient, mug_photo: bytes) -> None:
    form = {"image": (io.BytesIO(mug_photo), "x.webp")}
    answer = client.post("/search", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert "Mug" in client.get(answer.get_json()["address"]).text


def test_a_refused_photo_is_a_page_for_scripts_too(client: FlaskClient) -> None:
    form = {"image": (io.BytesIO(b"not a picture"), "x.jpg")}
    answer = client.post("/search", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 415 and 'class="problem"' in answer.text
    assert "This picture cannot be searched" in answer.text


def test_a_page_that_is_busy_says_when_it_asks_again(app: Flask) -> None:
    def busy() -> str:
        raise TextIndexBuildingError("not yet")

    app.add_url_rule("/moment", view_func=busy, methods=["GET", "POST"])
    answer = app.test_client().get("/moment?a=1")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert 'data-retry="5"' in answer.text and 'href="/moment?a=1"' in answer.text
    assert "data-retry" not in app.test_client().post("/moment").text  # nothing is sent twice


def test_the_words_of_a_photo_that_is_gone_name_the_time_it_is_kept(client: FlaskClient) -> None:
    page = client.get("/search?photo=" + 32 * "a")
    assert page.status_code == 410 and "deleted after 30 minutes" in page.text
