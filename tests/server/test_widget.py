"""The widgets' scripts, and the pages for frames."""

import gzip
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.search import SearchService
from server import create_app
from server.config import Settings
from tests.helpers import ROOT
from tests.server.conftest import TidyClient

WIDGETS = ROOT / "static" / "widget"
MODULES = sorted(path.name for path in WIDGETS.glob("*.js"))
SHOP = "https://shop.example"
MOST_BYTES = 12_000


@pytest.fixture
def framed(settings: Settings, service: SearchService) -> FlaskClient:
    """The server where one shop may embed it."""
    app: Flask = create_app(replace(settings, origins=(SHOP,)), service=service)
    app.test_client_class = TidyClient
    return app.test_client()


def parts_of(name: str) -> set[str]:
    """A script and all that it imports, but for the words."""
    imported = re.findall(r'from "\./([a-z-]+\.js)"', (WIDGETS / name).read_text(encoding="utf-8"))
    return {name}.union(*(parts_of(part) for part in imported if part != "texts.js"))


# Scripts


@pytest.mark.parametrize("name", MODULES)
def test_a_script_loads_from_every_origin_and_is_cached(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/widget/{name}", headers={"Origin": "https://any.example"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get(f"/widget/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_script_asks_for_the_parts_of_its_own_release(client: FlaskClient) -> None:
    named = {"widget.js", "similar-products.js", "visual-search.js"}
    parts = set()
    for name in MODULES:
        asked = re.findall(
            r'["`]\./([a-z-]+\.js)(?:\?v=([0-9a-f]+))?', client.get(f"/widget/{name}").text
        )
        assert all(bool(release) == (part not in named) for part, release in asked)
        parts |= {part for part in asked if part[1]}
    assert {part for part, _ in parts} == {*MODULES, "texts.js"} - named
    assert len({release for _, release in parts}) == 1


@pytest.mark.parametrize(
    ("name", "until"),
    [("shared.js", "public, max-age=31536000, immutable"), ("texts.js", "public, max-age=3600")],
)
def test_a_part_stays_at_the_address_of_its_release_alone(
    client: FlaskClient, name: str, until: str
) -> None:
    (release,) = set(re.findall(r"\?v=([0-9a-f]+)", client.get("/widget/visual-search.js").text))

    def kept(address: str) -> str:
        return client.get(f"/widget/{address}").headers["Cache-Control"]

    assert kept(f"{name}?v={release}") == until
    assert kept(f"{name}?v=0123") == "no-cache, public"


@pytest.mark.parametrize("widget", ["similar-products.js", "visual-search.js"])
def test_a_widget_is_small(widget: str) -> None:
    parts = [(WIDGETS / name).read_bytes() for name in parts_of(widget)]
    assert len(parts) > 1
    assert sum(len(gzip.compress(part)) for part in parts) < MOST_BYTES


@pytest.mark.parametrize("name", MODULES)
def test_a_script_writes_no_markup_and_evaluates_nothing(name: str) -> None:
    text = (WIDGETS / name).read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function", "style="):
        assert word not in text


@pytest.mark.parametrize("path", ["/widget/other.js", "/widget/..%2Fitems.js", "/widget/shared"])
def test_nothing_else_is_a_script(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_pictures_load_in_pages_that_isolate_themselves(client: FlaskClient) -> None:
    found = client.get("/api/v1/products/mug-001/similar?limit=1").get_json()
    picture = client.get(found["results"][0]["image_url"])
    assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_what_is_told_of_shoppers_and_frames_may_be_in_such_pages_and_answers_may_not(
    client: FlaskClient,
) -> None:
    event, frame = client.post("/api/v1/events", json={}), client.get("/embed/search")
    for answer in (event, frame):
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert frame.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    for path in ("/", "/api/v1/stats", "/admin"):
        assert "Cross-Origin-Resource-Policy" not in client.get(path).headers


# Pages for frames


def test_a_frame_lists_similar_products_without_a_script(client: FlaskClient) -> None:
    page = client.get("/embed/similar/mug-001?limit=3&heading=Alike&lang=de").get_data(as_text=True)
    assert page.count('class="product"') == 3
    assert "Alike</h1>" in page
    assert '<html lang="de" dir="ltr">' in page
    assert 'target="_top"' in page


@pytest.mark.parametrize(
    ("query", "scheme"), [("", "light"), ("?scheme=dark", "dark"), ("?scheme=auto", "light dark")]
)
def test_a_frame_has_the_colours_of_the_page_around(
    client: FlaskClient, query: str, scheme: str
) -> None:
    page = client.get(f"/embed/search{query}").get_data(as_text=True)
    assert f'<meta name="color-scheme" content="{scheme}">' in page


def test_only_the_shops_origins_frame_and_only_the_pages_for_it(framed: FlaskClient) -> None:
    for path in ("/embed/similar/mug-001", "/embed/similar/nothing", "/embed/search"):
        policy = framed.get(path).headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors 'self' {SHOP}")
    for path in ("/", "/search?example=mug-on-counter", "/widget/widget.js", "/api/v1/jobs"):
        policy = framed.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'self'")


def test_no_other_origin_frames_by_default(client: FlaskClient) -> None:
    policy = client.get("/embed/search").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self'")


def test_the_policy_of_all_pages_is_as_strict_as_ever(client: FlaskClient) -> None:
    for path in ("/", "/embed/search", "/embed/similar/mug-001"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; img-src 'self' data: blob:; object-src")
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "status"),
    [("no-such", 404), ("mug-001?limit=many", 400), ("mug-001?filter=nonsense", 400)],
)
def test_a_frame_that_cannot_answer_stays_empty(
    client: FlaskClient, path: str, status: int
) -> None:
    answer = client.get(f"/embed/similar/{path}")
    assert answer.status_code == status
    assert "<main></main>" in answer.get_data(as_text=True).replace("\n", "")


@pytest.mark.parametrize(
    ("path", "is_shown"),
    [
        ("watch-001?mode=replacement", True),
        ("mug-001?mode=replacement", False),
        ("mug-001?mode=replacement&availability=out_of_stock", True),
        ("watch-001?mode=replacement&availability=in_stock", False),
    ],
)
def test_a_frame_with_replacements_is_for_what_is_sold_out(
    client: FlaskClient, path: str, is_shown: bool
) -> None:
    page = client.get(f"/embed/similar/{path}").get_data(as_text=True)
    assert ("Similar and in stock</h1>" in page) is is_shown
    assert "Out of stock" not in page


def test_parameters_of_a_frame_are_no_markup(client: FlaskClient) -> None:
    script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for path in ("similar/mug-001", "search"):
        query = f"heading={script}&lang={script}&limit=3&key={script}"
        page = client.get(f"/embed/{path}?{query}").get_data(as_text=True)
        assert "<script>alert" not in page
        assert '<html lang="en" dir="ltr">' in page


def test_a_frame_searches_without_a_script_in_a_tab_of_its_own(client: FlaskClient) -> None:
    page = client.get("/embed/search").get_data(as_text=True)
    assert 'action="/search"' in page
    assert 'target="_blank"' in page


def test_the_documents_name_every_variable_and_part_of_the_look() -> None:
    page = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8")
    scripts = "".join((WIDGETS / name).read_text(encoding="utf-8") for name in MODULES)
    names = re.findall(r"var\((--vs-[a-z-]+)", scripts) + re.findall(r'part: "([a-z]+)"', scripts)
    assert len(set(names)) > 20
    assert [name for name in names if f"`{name}`" not in page] == []
