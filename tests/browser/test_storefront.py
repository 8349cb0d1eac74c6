"""The demo shop, on a port of its own, with the widgets of a running search."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.demo_shop import create_shop
from scripts.demo_shop.products import read_products
from scripts.live_server import free_port, live_server
from tests.browser.axe import violations
from tests.browser.conftest import detector_settings
from tests.loopback import served
from tests.shop import SAMPLE, make_shop_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def storefront(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("storefront")
    settings = {"PHOTOS": str(folder / "photos"), "ORIGINS": address, **detector_settings()}
    with (
        live_server(STORE=str(make_shop_store(folder)), **settings) as search,
        served(create_shop(search.address), port),
    ):
        yield address


@pytest.fixture
def visitor(chromium: Browser, storefront: str) -> Iterator[Page]:
    """A fresh page; a script error or a breach of the content policy on it fails the test."""
    page = chromium.new_page(base_url=storefront, viewport={"width": 1280, "height": 860})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield page
    page.close()
    assert not errors


def test_a_visitor_goes_from_product_to_similar_product_to_basket(visitor: Page) -> None:
    visitor.goto("/")
    visitor.get_by_role("link", name="Mugs").click()
    visitor.locator("a[href='/p/mug-001']").click()
    similar = visitor.get_by_role("region", name="You may also like").get_by_role("link").first
    similar.click()
    expect(visitor).to_have_url(re.compile(r"/p/(?!mug-001)[a-z]+-\d+$"))
    visitor.get_by_role("button", name="Add to basket").click()
    expect(visitor.get_by_role("link", name="Basket (1)")).to_be_visible()
    expect(visitor.get_by_text(re.compile("^Total €"))).to_be_visible()


def test_a_sold_out_product_offers_what_is_in_stock(visitor: Page) -> None:
    visitor.goto("/p/watch-001")
    expect(visitor.get_by_text("Sold out")).to_be_visible()
    expect(visitor.get_by_role("button", name="Add to basket")).to_have_count(0)
    replacements = visitor.get_by_role("region", name="Similar and in stock")
    expect(replacements.get_by_role("link").first).to_be_visible()
    expect(replacements.get_by_text("Out of stock")).to_have_count(0)


def test_a_photo_leads_to_a_product_of_the_shop(visitor: Page) -> None:
    visitor.goto("/")
    visitor.get_by_role("button", name="Search with a photo").first.click()
    field = visitor.locator("visual-search").first.locator("input").first
    field.set_input_files(SAMPLE / "photos" / "mug-on-counter.webp")
    found = visitor.get_by_role("dialog").get_by_role("link", name=re.compile("Mug"))
    found.first.click()
    expect(visitor).to_have_url(re.compile("/p/mug-001$"))


@pytest.mark.parametrize("path", ["/", "/c/Lamps", "/p/mug-001", "/p/watch-001", "/basket", "/no"])
def test_axe_finds_nothing_in_the_shop(chromium: Browser, storefront: str, path: str) -> None:
    page = chromium.new_page(base_url=storefront, viewport={"width": 390, "height": 844})
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_every_picture_of_the_shop_is_there() -> None:
    for product in read_products().values():
        assert all((SAMPLE / "products" / name).is_file() for name in product.pictures)
