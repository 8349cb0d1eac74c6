"""The widgets in a page of another origin, under a strict content policy."""

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from scripts.live_server import free_port, live_server
from tests.browser.axe import violations
from tests.browser.conftest import detector_settings
from tests.browser.elsewhere import ShopPages
from tests.browser.large_photos import phone_photo, photos_sent
from tests.helpers import ROOT, picture
from tests.loopback import served
from tests.shop import SAMPLE, make_shop_store

PHOTOS = SAMPLE / "photos"
HEARD = """names => {
    window.heard = [];
    for (const name of names) addEventListener(name, event => {
        window.heard.push({ name, detail: event.detail });
    });
}"""
LOOKS = """texts => texts.map(text => {
    const { width, height } = text.getBoundingClientRect();
    const { font, color, letterSpacing, textTransform, textShadow } = getComputedStyle(text);
    return [text.textContent, width, height, font, color, letterSpacing, textTransform, textShadow];
})"""


# Ids that cannot stand in the path of an address.
ODD_IDS = {"tee-001": ".", "bag-001": "..", "sneaker-001": "shoe/similar"}
APPEND = "markup => document.querySelector('main').innerHTML += markup"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widgets")


@pytest.fixture(scope="module")
def pages(folder: Path) -> Iterator[ShopPages]:
    """A shop on one port, the search on another."""
    port = free_port()
    pages = ShopPages(f"http://127.0.0.1:{port}")
    settings = {
        "ORIGINS": pages.address,
        "EVENTS": str(folder / "events"),
        "PHOTOS": str(folder / "photos"),
        **detector_settings(),
    }
    with (
        served(pages.app(), port),
        live_server(STORE=str(make_shop_store(folder, ODD_IDS)), **settings) as server,
    ):
        pages.search = server.address
        yield pages


@pytest.fixture
def shop(chromium: Browser, pages: ShopPages) -> Iterator[Page]:
    """A fresh page; a script error or a breach of the content policy on it fails the test."""
    page = chromium.new_page(viewport={"width": 1000, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if is_fault(line) else None)
    # Playwright catches file choosers from its first listener on, a moment later.
    page.on("filechooser", lambda chooser: None)
    yield page
    page.close()
    assert not errors


def is_fault(line: Any) -> bool:
    # A refused request's 4xx is logged as an error by the browser; it is an answer.
    return line.type == "error" and "status of 4" not in line.text


def widget(attributes: str, name: str = "similar-products") -> str:
    return f"<{name} {attributes}></{name}>"


def events(folder: Path, source: str) -> list[dict[str, Any]]:
    """What was recorded on the page of a product, by type."""
    days = [path.read_text().splitlines() for path in (folder / "events").glob("*.jsonl")]
    told = [json.loads(line) for day in days for line in day]
    return sorted((e for e in told if e.get("source_id") == source), key=lambda e: str(e["type"]))


def wait_until(holds: Callable[[], bool]) -> None:
    """Playwright's own `wait_for_function` needs `eval`, which the content policy forbids."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.03)


def heard(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("window.heard")
    return found


def titles(page: Page) -> list[str]:
    return page.locator("[part=title]").all_inner_texts()


def status(page: Page) -> Locator:
    return page.locator("visual-search [part=status]")


def start_search(page: Page, photo: str = "scene-living-room.webp") -> None:
    """Open the dialog and choose a photo with the mouse."""
    page.get_by_role("button", name="Search with a photo").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(PHOTOS / photo)
    expect(status(page)).to_have_text(re.compile("Products found"))


# <similar-products>


def test_similar_products_are_shown_with_picture_price_and_link(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget('product-id="mug-001" limit="4"')))
    expect(shop.get_by_role("heading", name="Similar items")).to_be_visible()
    cards = shop.get_by_role("listitem")
    expect(cards).to_have_count(4)
    link = cards.first.get_by_role("link", name=re.compile("€"))
    expect(link).to_have_attribute("href", re.compile("^https://shop.example/p/"))
    for image in shop.get_by_role("img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("async img => (await img.decode(), img.naturalWidth)") > 0
        assert image.get_attribute("alt") in titles(shop)


def test_an_emphasis_is_asked_for_and_changes_what_is_shown(shop: Page, pages: ShopPages) -> None:
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.url))
    shop.goto(pages.add(widget('product-id="mug-001" limit="2" emphasis="shape"')))
    expect(shop.get_by_role("listitem")).to_have_count(2)
    with shop.expect_request(lambda request: "emphasis=colour" in request.url):
        shop.locator("similar-products").evaluate("it => it.setAttribute('emphasis', 'colour')")
    assert any("emphasis=shape" in url for url in asked)


def test_prices_are_written_in_the_language_of_the_page(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(f'<div lang="de">{widget("product-id=mug-001 limit=2")}</div>'))
    expect(shop.locator("[part=price]").first).to_have_text(re.compile(r"^\d+,90\s€$"))


def test_words_are_in_the_language_of_the_page(shop: Page, pages: ShopPages) -> None:
    both = widget("product-id=mug-001 limit=2") + widget("", "visual-search")
    shop.goto(pages.add(f'<div lang="de-AT">{both}</div>'))
    expect(shop.get_by_role("heading", name="Ähnliche Artikel")).to_be_visible()
    shop.get_by_role("button", name="Mit einem Foto suchen").click()
    dialog = shop.get_by_role("dialog", name="Mit einem Foto suchen")
    expect(dialog.get_by_role("button", name="Schließen")).to_be_visible()
    shop.locator("visual-search input").first.set_input_files(
        {"name": "x.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(status(shop)).to_have_text(re.compile("Das ist kein Bild, das gelesen werden kann"))


def test_words_are_in_the_language_around_a_component_of_the_shop(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(""))
    shop.locator("main").evaluate(
        """(main, markup) => {
            document.documentElement.lang = "de";
            const root = () =>
                main.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
            root().innerHTML = markup;
            root().innerHTML = `<div lang="ar">${markup}</div>`;
        }""",
        widget("inline", "visual-search"),
    )
    expect(shop.get_by_role("button", name="Foto wählen")).to_be_visible()
    expect(shop.get_by_role("button", name="اختر صورة")).to_be_visible()
    expect(shop.locator("visual-search section[lang]")).to_have_count(0)  # the page says it


def test_attributes_are_read_as_templates_write_them(shop: Page, pages: ShopPages) -> None:
    similar = widget('product-id=" mug-001 " limit="2"')
    shop.goto(pages.add(f'<div lang="de_DE">{similar}</div>'))
    expect(shop.get_by_role("heading", name="Ähnliche Artikel")).to_be_visible()
    expect(shop.locator("[part=price]").first).to_have_text(re.compile(r"^\d+,90\s€$"))


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("https://search.example/v", "https://search.example/v/api/v1/stats"),
        ("//search.example", "http://search.example/api/v1/stats"),
        ("/search/", "{shop}/search/api/v1/stats"),
    ],
)
def test_an_endpoint_may_be_an_address_of_the_page(
    shop: Page, pages: ShopPages, endpoint: str, address: str
) -> None:
    shop.goto(pages.add(widget('product-id="mug-001"')))
    expect(shop.get_by_role("heading", name="Similar items")).to_be_visible()
    asked = shop.evaluate(
        """(endpoint) => {
            const widget = document.createElement("similar-products");
            widget.setAttribute("endpoint", endpoint);
            return widget.address("api/v1/stats");
        }""",
        endpoint,
    )
    assert asked == address.format(shop=pages.address)


def test_a_widget_of_another_language_says_which(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('language="ar" inline', "visual-search")))
    section = shop.locator("visual-search section")
    expect(section).to_have_attribute("lang", "ar")
    expect(section).to_have_attribute("dir", "rtl")
    expect(shop.get_by_role("button", name="اختر صورة")).to_be_visible()
    assert not violations(shop)


def test_a_click_is_told_and_leads_to_the_shops_own_address(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('product-id="mug-001" limit="4" link="/p/{id}"')))
    shop.evaluate(HEARD, ["similar-products:click"])
    shop.evaluate("addEventListener('similar-products:click', e => e.preventDefault())")
    second = shop.locator("[part=link]").nth(1)
    second.click()
    assert [told["detail"]["position"] for told in heard(shop)] == [2]
    product = heard(shop)[0]["detail"]["productId"]
    assert shop.url.startswith(f"{pages.address}/page-")  # the listener kept the shopper here
    shop.reload()
    second.focus()
    shop.keyboard.press("Enter")
    expect(shop.get_by_role("heading")).to_have_text(product)


@pytest.mark.parametrize(
    "attributes", ['product-id="no-such"', 'product-id="mug-001" limit="many"']
)
def test_the_widget_hides_where_it_cannot_answer(
    shop: Page, pages: ShopPages, attributes: str
) -> None:
    shop.goto(pages.add(""))
    shop.evaluate(HEARD, ["similar-products:error"])
    shop.evaluate(
        "markup => document.querySelector('main').innerHTML += markup", widget(attributes)
    )
    wait_until(lambda: bool(heard(shop)))
    assert heard(shop)[0]["detail"]["code"] in ("unknown_product", "invalid_query")
    assert shop.locator("similar-products").evaluate("e => e.hidden && !e.offsetHeight")


@pytest.mark.parametrize("odd", ODD_IDS.values())
def test_a_product_with_any_id_has_similar_ones(shop: Page, pages: ShopPages, odd: str) -> None:
    shop.goto(pages.add(widget(f'product-id="{odd}" limit="3"')))
    expect(shop.get_by_role("listitem")).to_have_count(3)
    replacement = widget(f'product-id="{odd}" mode="replacement"')
    with shop.expect_response(lambda answer: "/api/v1/product" in answer.url) as answer:
        shop.evaluate(APPEND, replacement)
    assert answer.value.json()["product"]["id"] == odd
    address = f"{pages.search}/embed/similar?product_id={odd}&limit=2"
    shop.goto(pages.add(f'<iframe src="{address}" title="Similar items"></iframe>'))
    expect(shop.frame_locator("iframe").get_by_role("listitem")).to_have_count(2)


def test_the_widget_hides_where_nothing_is_similar_enough(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('product-id="mug-001" threshold="100"')))
    expect(shop.locator("similar-products")).to_be_hidden()
    expect(shop.locator("similar-products")).to_have_attribute("hidden", "")


def test_replacements_are_in_stock_and_shown_for_what_is_sold_out(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget('product-id="watch-001" mode="replacement"')))
    expect(shop.get_by_role("heading", name="Similar and in stock")).to_be_visible()
    assert shop.locator("[part=title]").count() > 3
    expect(shop.locator("[part=stock]")).to_have_count(0)
    shop.goto(pages.add(widget('product-id="mug-001" mode="replacement"')))
    expect(shop.locator("similar-products")).to_be_hidden()


def test_the_page_may_say_itself_what_is_sold_out(shop: Page, pages: ShopPages) -> None:
    sold_out = 'product-id="mug-001" mode="replacement" availability="out_of_stock"'
    shop.goto(pages.add(widget(sold_out)))
    expect(shop.get_by_role("listitem").first).to_be_visible()


def test_filters_narrow_what_is_shown(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('product-id="mug-001" filter="category:Bags|category:T-shirts"')))
    expect(shop.get_by_role("listitem")).to_have_count(2)
    shop.goto(pages.add(widget('product-id="mug-001" filter="category:Bags price:0,1000"')))
    expect(shop.get_by_role("listitem")).to_have_count(1)


def test_a_lazy_widget_loads_when_the_shopper_comes_near(shop: Page, pages: ShopPages) -> None:
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.url))
    shop.goto(pages.add(widget('class="far" product-id="mug-001" lazy')))
    shop.evaluate("customElements.whenDefined('similar-products')")
    shop.wait_for_timeout(200)
    assert not any("/products/" in address for address in asked)
    shop.mouse.wheel(0, 4000)
    expect(shop.get_by_role("listitem").first).to_be_visible()


def test_another_product_is_shown_when_the_attribute_changes(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('product-id="mug-001" limit="3" heading="Alike"')))
    expect(shop.get_by_role("heading", name="Alike")).to_be_visible()
    before = titles(shop)
    shop.locator("similar-products").evaluate("e => e.setAttribute('product-id', 'chair-001')")
    expect(shop.locator("[part=title]").first).not_to_have_text(before[0])
    assert titles(shop) != before


def test_a_shop_gives_the_widget_its_own_colours(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('class="themed" product-id="mug-001" limit="2"')))
    link = shop.locator("[part=link]").first
    expect(link).to_have_css("border-radius", "3px")
    expect(shop.locator("[part=title]").first).to_have_css("color", "rgb(4, 5, 6)")
    link.focus()
    shop.keyboard.press("Shift")  # the ring is for who uses the keyboard
    expect(link).to_have_css("outline-color", "rgb(1, 2, 3)")


def test_widgets_look_the_same_where_a_rem_of_the_shop_is_ten_pixels(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget('product-id="mug-001"') + widget("", "visual-search")))
    expect(shop.get_by_role("listitem").first).to_be_visible()
    start_search(shop)
    texts = shop.locator(":is(h2, p, span, button)").filter(visible=True)
    told = texts.evaluate_all(LOOKS)
    shop.locator("html").evaluate("html => html.classList.add('small')")
    assert texts.evaluate_all(LOOKS) == told


def test_what_is_shown_and_clicked_is_recorded(shop: Page, pages: ShopPages, folder: Path) -> None:
    tag = widget('product-id="lamp-001" limit="2" link="/p/{id}"')
    shop.goto(pages.add(tag))
    shop.locator("[part=link]").first.click()
    shop.wait_for_url("**/p/*")
    clicked = shop.url.rpartition("/")[2]
    wait_until(lambda: len(events(folder, "lamp-001")) == 2)
    click, render = events(folder, "lamp-001")
    assert (click["type"], render["type"]) == ("click", "render")
    assert (click["product_id"], click["position"]) == (clicked, 1)
    assert click["widget"] == "similar-products"


def test_a_phones_photo_is_sent_in_a_part_of_its_bytes(
    shop: Page, pages: ShopPages, tmp_path: Path
) -> None:
    photo = phone_photo(tmp_path / "IMG_0001.jpg")
    sent = photos_sent(shop)
    shop.goto(pages.add(widget("", "visual-search")))
    start_search(shop, str(photo))
    (only,) = sent
    assert only["sides"] == [1536, 2048]
    assert only["bytes"] < photo.stat().st_size / 3
    expect(shop.get_by_role("listitem").filter(has_text="Mug").first).to_be_visible()
    shown = shop.locator("canvas").evaluate("it => [it.width, it.height]")
    assert shown == [720, 960]  # upright


def test_products_are_shown_where_the_browser_records_nothing(shop: Page, pages: ShopPages) -> None:
    shop.add_init_script("delete Navigator.prototype.sendBeacon")
    shop.goto(pages.add(widget('product-id="mug-001" limit="3"') + widget("", "visual-search")))
    expect(shop.get_by_role("listitem")).to_have_count(3)
    start_search(shop, "mug-on-counter.webp")


def test_nothing_is_recorded_where_the_shop_wants_none(shop: Page, pages: ShopPages) -> None:
    sent: list[str] = []
    shop.on("request", lambda request: sent.append(request.url))
    shop.goto(pages.add(widget('product-id="mug-001" no-events')))
    expect(shop.get_by_role("listitem").first).to_be_visible()
    assert not any("/events" in address for address in sent)


def test_questions_to_the_search_need_no_preflight(shop: Page, pages: ShopPages) -> None:
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.method))
    shop.goto(pages.add(widget("product-id=mug-001") + widget("", "visual-search")))
    start_search(shop)
    assert set(asked) == {"GET", "POST"}


def test_the_shops_key_goes_with_every_request(shop: Page, pages: ShopPages) -> None:
    asked: list[str] = []
    shop.on("request", lambda request: asked.append(request.url))
    similar = widget('product-id="mug-001" public-key="pk 1"')
    shop.goto(pages.add(similar + widget('public-key="pk 1"', "visual-search")))
    start_search(shop)
    questions = [address for address in asked if "/api/" in address]
    paths = {address.partition("?")[0].rpartition("/")[2] for address in questions}
    assert paths == {"similar", "detect", "search", "events"}
    assert all("key=pk+1" in address for address in questions)


def test_everything_works_in_a_page_that_isolates_itself(
    shop: Page, pages: ShopPages, folder: Path
) -> None:
    both = widget('product-id="chair-001" limit="2"') + widget("", "visual-search")
    shop.goto(pages.add(both, isolated=True))
    assert shop.evaluate("crossOriginIsolated")
    expect(shop.get_by_role("listitem")).to_have_count(2)
    image = shop.get_by_role("img").first
    assert image.evaluate("async img => (await img.decode(), img.naturalWidth)") > 0
    wait_until(lambda: bool(events(folder, "chair-001")))
    shop.get_by_role("button", name="Search with a photo").click()
    scan = {"name": "scan.tiff", "mimeType": "image/tiff", "buffer": picture(1, "TIFF")}
    shop.locator("visual-search input").first.set_input_files(scan)
    expect(status(shop)).to_have_text(re.compile("Products found"))
    expect(shop.get_by_role("img", name="Your photo")).to_be_visible()


def test_a_frame_works_in_a_page_that_isolates_itself(shop: Page, pages: ShopPages) -> None:
    for path, what in (("similar/mug-001", "listitem"), ("search", "button")):
        frame = f'<iframe src="{pages.search}/embed/{path}" title="Similar items"></iframe>'
        shop.goto(pages.add(frame, isolated=True))
        expect(shop.frame_locator("iframe").get_by_role(what).first).to_be_visible()


# <visual-search>


def test_a_photo_is_searched_and_its_items_chosen_with_the_mouse(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget('link="/p/{id}" limit="5"', "visual-search")))
    names = [f"visual-search:{what}" for what in ("open", "search", "click", "close")]
    shop.evaluate(HEARD, names)
    button = shop.get_by_role("button", name="Search with a photo")
    edge = button.bounding_box()
    assert edge and edge["width"] >= 48 and edge["height"] >= 48
    start_search(shop)
    before = titles(shop)
    assert len(before) == 5
    marks = shop.get_by_role("list", name="Items in your photo").get_by_role("button")
    expect(shop.locator("[part=mark][aria-pressed=true]")).to_have_count(1)
    other = shop.locator("[part=mark][aria-pressed=false]").first
    other.click()
    expect(shop.locator("[part=title]").first).not_to_have_text(before[0])
    expect(marks.last).to_have_text("Whole picture")
    shop.get_by_role("button", name="Close").click()
    expect(shop.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    wait_until(lambda: len(heard(shop)) == 4)
    assert [told["name"] for told in heard(shop)] == [names[0], names[1], names[1], names[3]]


def test_a_photo_is_searched_with_the_keyboard_alone(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('link="/p/{id}"', "visual-search")))
    shop.keyboard.press("Tab")
    button = shop.get_by_role("button", name="Search with a photo")
    expect(button).to_be_focused()
    shop.keyboard.press("Enter")
    choose = shop.locator("[part=choose]")
    expect(choose).to_be_focused()
    with shop.expect_file_chooser() as chooser:
        shop.keyboard.press("Enter")
    chooser.value.set_files(PHOTOS / "scene-living-room.webp")
    expect(status(shop)).to_have_text(re.compile("Products found"))
    expect(choose).to_be_focused()
    before = titles(shop)
    other = shop.locator('visual-search button[aria-label][aria-pressed="false"]').last
    label = other.get_attribute("aria-label")
    while not other.evaluate("button => button.matches(':focus')"):
        shop.keyboard.press("Shift+Tab")
    shop.keyboard.press("Space")
    chosen = shop.locator('visual-search button[aria-pressed="true"]')
    expect(chosen).to_have_attribute("aria-label", label or "")
    expect(chosen).to_be_focused()
    wait_until(lambda: titles(shop) != before)
    shop.keyboard.press("Escape")
    expect(shop.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize(("width", "is_open"), [(390, True), (1000, False)])
def test_a_tap_beside_the_dialog_closes_it_and_one_on_its_empty_part_does_not(
    shop: Page, pages: ShopPages, width: int, is_open: bool
) -> None:
    shop.set_viewport_size({"width": width, "height": 800})
    shop.goto(pages.add(widget("", "visual-search")))
    shop.get_by_role("button", name="Search with a photo").click()
    shop.mouse.click(width / 2, 780)
    shop.evaluate("new Promise(requestAnimationFrame)")
    expect(shop.get_by_role("dialog")).to_be_visible(visible=is_open)


def test_the_keyboard_stays_in_the_open_dialog(shop: Page, pages: ShopPages) -> None:
    outside = '<a href="/p/1">Before</a>' + widget("", "visual-search") + '<a href="/p/2">After</a>'
    shop.goto(pages.add(outside))
    shop.get_by_role("button", name="Search with a photo").click()
    for _ in range(6):
        shop.keyboard.press("Tab")
        assert shop.evaluate("document.activeElement.localName") in ("visual-search", "body")


@pytest.mark.parametrize("hidden", ["visual-search", "main"])
def test_a_dialog_that_cannot_be_seen_does_not_hold_the_page(
    shop: Page, pages: ShopPages, hidden: str
) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    shop.evaluate(HEARD, ["visual-search:open", "visual-search:close"])
    shop.locator(hidden).evaluate("element => { element.hidden = true; }")
    shop.locator("visual-search").evaluate("search => search.open()")
    wait_until(lambda: len(heard(shop)) == 2)
    shop.locator("body").evaluate("body => body.append(document.createElement('button'))")
    shop.get_by_role("button").click()
    expect(shop.get_by_role("button")).to_be_focused()


@pytest.mark.parametrize("drawer", ["nav", "visual-search", "around"])
def test_a_drawer_that_becomes_inert_closes_the_dialog_in_it(
    shop: Page, pages: ShopPages, drawer: str
) -> None:
    menu = f"<nav>{widget('', 'visual-search')}</nav>"
    shop.goto(pages.add(f"<div>{menu}</div><a href='/p/1'>Shoes</a>"))
    shop.locator("main > div").evaluate(
        """div => {
            const root = div.attachShadow({ mode: "open" });
            root.innerHTML = "<section id=around><slot></slot></section>";
        }"""
    )
    button = shop.get_by_role("button", name="Search with a photo")
    button.click()
    expect(shop.get_by_role("dialog")).to_be_visible()
    place = shop.locator(drawer if drawer != "around" else "#around")
    place.evaluate("drawer => { drawer.inert = true; }")
    expect(shop.locator("dialog[open]")).to_have_count(0)
    shop.get_by_role("link", name="Shoes").click()
    expect(shop.get_by_role("heading")).to_have_text("1")


def test_a_dialog_that_opens_in_an_inert_part_does_not_hold_the_page(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(f"<nav inert>{widget('', 'visual-search')}</nav><a href='/p/1'>Shoes</a>"))
    shop.locator("visual-search").evaluate("search => search.open()")
    shop.get_by_role("link", name="Shoes").click()
    expect(shop.get_by_role("heading")).to_have_text("1")


def test_a_menu_that_closes_behind_the_shopper_leaves_the_page_in_use(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(f"<nav>{widget('', 'visual-search')}</nav><a href='/p/1'>Shoes</a>"))
    shop.locator("nav").evaluate("nav => { nav.onclick = () => { nav.hidden = true; }; }")
    shop.get_by_role("button", name="Search with a photo").click()
    shop.get_by_role("link", name="Shoes").click()
    expect(shop.get_by_role("heading")).to_have_text("1")


def test_a_dialog_that_opens_before_its_words_came_is_told_of_once(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    shop.evaluate(HEARD, ["visual-search:open", "visual-search:close"])
    shop.locator("main").evaluate(
        "(main, markup) => { main.innerHTML = markup; main.firstChild.open(); }",
        widget('language="de"', "visual-search"),
    )
    expect(shop.get_by_role("dialog", name="Mit einem Foto suchen")).to_be_visible()
    shop.get_by_role("button", name="Schließen").click()
    wait_until(lambda: len(heard(shop)) == 2)  # a task after it is hidden
    names = [told["name"] for told in heard(shop)]
    assert names == ["visual-search:open", "visual-search:close"]


def test_a_photo_is_searched_again_where_the_page_has_moved_the_widget(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget("", "visual-search") + "<nav></nav>"))
    start_search(shop)
    shop.evaluate("document.querySelector('nav').append(document.querySelector('visual-search'))")
    start_search(shop)
    expect(shop.get_by_role("button", name="Whole picture")).to_be_visible()


def test_a_dialog_reads_the_same_wherever_its_button_stands(shop: Page, pages: ShopPages) -> None:
    told = []
    for place in ("", 'class="header"'):
        shop.goto(pages.add(widget(place, "visual-search")))
        start_search(shop, "mug-on-counter.webp")
        texts = shop.locator(":is(h2, p, span, [part=choose])").filter(visible=True)
        told.append(texts.evaluate_all(LOOKS))
    assert told[0] == told[1]


def test_a_photo_is_dropped_or_pasted(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    shop.get_by_role("button", name="Search with a photo").click()
    bytes_ = list((PHOTOS / "mug-on-counter.webp").read_bytes())
    transfer = """async bytes => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], "mug.webp"));
        return transfer;
    }"""
    dropped = shop.evaluate_handle(transfer, bytes_)
    shop.get_by_role("dialog").dispatch_event("drop", {"dataTransfer": dropped})
    expect(status(shop)).to_have_text(re.compile("Products found"))
    shop.reload()
    shop.get_by_role("button", name="Search with a photo").click()
    pasted = shop.evaluate_handle(transfer, bytes_)
    shop.locator("body").evaluate(
        "(body, data) => body.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))",
        pasted,
    )
    expect(status(shop)).to_have_text(re.compile("Products found"))


def test_a_file_that_is_no_photo_is_explained_and_can_be_replaced(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    shop.get_by_role("button", name="Search with a photo").click()
    field = shop.locator("visual-search input").first
    field.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(status(shop)).to_have_text(re.compile("not a picture"))
    expect(shop.get_by_role("button", name="Try another photo")).to_be_visible()
    field.set_input_files(PHOTOS / "mug-on-counter.webp")
    expect(status(shop)).to_have_text(re.compile("Products found"))


def test_a_photo_that_only_the_server_can_read_is_shown_too(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    shop.get_by_role("button", name="Search with a photo").click()
    scan = {"name": "scan.tiff", "mimeType": "image/tiff", "buffer": picture(1, "TIFF")}
    shop.locator("visual-search input").first.set_input_files(scan)
    expect(status(shop)).to_have_text(re.compile("Products found"))
    expect(shop.get_by_role("img", name="Your photo")).to_be_visible()


def test_a_photo_that_the_server_forgot_is_sent_again(
    shop: Page, pages: ShopPages, folder: Path
) -> None:
    shop.goto(pages.add(widget("", "visual-search")))
    start_search(shop)
    for kept in (folder / "photos").iterdir():
        kept.unlink()
    whole = shop.get_by_role("button", name="Whole picture")
    with shop.expect_response(
        lambda answer: answer.url.endswith("/search") and answer.status == 410
    ):
        whole.click()
    expect(status(shop)).to_have_text(re.compile("Products found"))
    expect(whole).to_have_attribute("aria-pressed", "true")


def test_a_newer_photo_ends_the_search_with_the_older_one(shop: Page, pages: ShopPages) -> None:
    held: list[Route] = []
    given_up: list[str] = []
    shop.on("requestfailed", lambda request: given_up.append(request.url))
    shop.goto(pages.add(widget('limit="1"', "visual-search")))
    shop.route("**/api/v1/detect", lambda route: held.append(route), times=1)
    shop.get_by_role("button", name="Search with a photo").click()
    field = shop.locator("visual-search input").first
    with shop.expect_request("**/api/v1/detect"):
        field.set_input_files(PHOTOS / "mug-on-counter.webp")
    expect(status(shop)).to_have_text(re.compile("Looking"))
    field.set_input_files(PHOTOS / "chair-in-room.webp")
    expect(shop.locator("[part=title]")).to_have_text(re.compile("[Cc]hair"))
    assert [address.rpartition("/")[2] for address in given_up] == ["detect"]


def test_a_search_that_cannot_be_reached_is_told_in_words(
    chromium: Browser, pages: ShopPages
) -> None:
    page = chromium.new_page()
    page.goto(pages.add(widget("", "visual-search")))
    page.evaluate(HEARD, ["visual-search:error"])
    page.route("**/api/v1/detect", lambda route: route.abort())
    page.get_by_role("button", name="Search with a photo").click()
    page.locator("visual-search input").first.set_input_files(PHOTOS / "mug-on-counter.webp")
    expect(status(page)).to_have_text(re.compile("cannot be reached"))
    assert heard(page)[0]["detail"]["code"] == "unreachable"
    page.close()


@pytest.mark.parametrize("name", ["similar-products", "visual-search"])
def test_a_fault_of_the_shop_is_told_in_the_shoppers_words_and_to_who_can_mend_it(
    shop: Page, pages: ShopPages, name: str
) -> None:
    problem = {"code": "unknown_key", "detail": "The key is not known here."}
    headers = {"Access-Control-Allow-Origin": "*"}
    lines: list[str] = []
    shop.on("console", lambda line: lines.append(line.text))
    shop.goto(pages.add(""))
    shop.evaluate(HEARD, [f"{name}:error"])
    for asked in ("similar?*", "detect?*"):
        shop.route(
            f"**/api/v1/{asked}",
            lambda route: route.fulfill(status=401, json=problem, headers=headers),
        )
    shop.evaluate(APPEND, widget('product-id="mug-001" public-key="x" language="de" inline', name))
    if name == "visual-search":
        shop.locator("visual-search input").first.set_input_files(PHOTOS / "mug-on-counter.webp")
        expect(status(shop)).to_have_text("Die Bildersuche ist im Moment nicht verfügbar.")
    wait_until(lambda: bool(heard(shop)))
    assert heard(shop)[0]["detail"] == {"code": "unknown_key", "message": problem["detail"]}
    assert f"<{name}> unknown_key: The key is not known here." in lines


def test_a_shop_says_it_in_its_own_words(shop: Page, pages: ShopPages) -> None:
    words = (
        'heading="Bildersuche" text-open="Mit Foto suchen" text-choose="Foto wählen" '
        'text-found="{count} Treffer" text-unsure="" limit="3"'
    )
    shop.goto(pages.add(widget(words, "visual-search")))
    shop.get_by_role("button", name="Mit Foto suchen").click()
    expect(shop.get_by_role("dialog", name="Bildersuche")).to_be_visible()
    expect(shop.get_by_role("button", name="Foto wählen")).to_be_visible()
    shop.locator("visual-search input").first.set_input_files(PHOTOS / "mug-on-counter.webp")
    expect(status(shop)).to_have_text("3 Treffer")


def test_a_title_reads_right_in_a_page_that_is_written_the_other_way(
    shop: Page, pages: ShopPages
) -> None:
    shop.goto(pages.add(f'<div lang="ar" dir="rtl">{widget("product-id=mug-001 limit=1")}</div>'))
    title = shop.locator("[part=title]")
    first, last = title.evaluate(
        """title => {
            let text = title;
            while (text.firstChild) text = text.firstChild;
            text.data = "Mug.";
            return [0, 3].map(at => {
                const range = new Range();
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().left;
            });
        }"""
    )
    assert first < last


def test_what_a_framework_changes_later_is_shown(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(widget('label="Photo"', "visual-search")))
    search = shop.locator("visual-search")
    change = "(search, [name, value]) => search.setAttribute(name, value)"
    shop.get_by_role("button", name="Photo").click()
    search.evaluate(change, ["language", "de"])
    expect(shop.get_by_role("dialog", name="Mit einem Foto suchen")).to_be_visible()
    shop.locator("visual-search input").first.set_input_files(PHOTOS / "mug-on-counter.webp")
    expect(status(shop)).to_have_text(re.compile("Gefundene Produkte"))
    search.evaluate(change, ["heading", "Bildersuche"])
    expect(shop.locator("[part=title]").first).to_be_visible()  # the shopper is looking at it
    shop.get_by_role("button", name="Schließen").click()
    search.evaluate(change, ["label", "Foto"])
    shop.get_by_role("button", name="Foto").click()
    expect(shop.get_by_role("dialog", name="Bildersuche")).to_be_visible()


def test_markup_in_a_feed_stays_text(shop: Page, pages: ShopPages) -> None:
    body = {
        "product": {
            "id": "x",
            "title": "<img src=x onerror=alert(1)>",
            "price": "1.00",
            "currency": "nonsense",
            "url": "javascript:alert(1)",
            "availability": "",
        },
        "image_url": "/pictures/x",
    }
    shop.goto(pages.add(""))
    headers = {"Access-Control-Allow-Origin": "*"}
    shop.route(
        "**/similar?*", lambda route: route.fulfill(json={"results": [body]}, headers=headers)
    )
    shop.evaluate(APPEND, widget("product-id=x"))
    expect(shop.locator("[part=title]")).to_have_text("<img src=x onerror=alert(1)>")
    expect(shop.locator("[part=price]")).to_have_text("1.00 nonsense")
    expect(shop.get_by_role("button")).to_have_count(1)  # no address to lead to


@pytest.mark.parametrize("name", ["similar-products", "visual-search"])
def test_no_attribute_is_a_property_that_a_framework_would_set_instead(
    shop: Page, pages: ShopPages, name: str
) -> None:
    shop.goto(pages.add(widget("", name)))
    table = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8").partition("**Look.**")[0]
    attributes = re.findall(r"^\| `([a-z-]+)", table, re.MULTILINE)
    assert {"language", "product-id", "inline"} <= set(attributes)
    shop.evaluate("name => customElements.whenDefined(name)", name)
    element = shop.locator(name)
    assert element.evaluate("(it, names) => names.filter(name => name in it)", attributes) == []


@pytest.mark.parametrize("part", ["shared", "photo"])
def test_parts_of_another_release_that_a_cache_still_has_are_not_taken(
    shop: Page, pages: ShopPages, part: str
) -> None:
    kept = {"headers": {"Access-Control-Allow-Origin": "*"}, "content_type": "text/javascript"}
    older = "export default null;"
    shop.route(f"{pages.search}/widget/{part}.js", lambda r: r.fulfill(body=older, **kept))
    shop.goto(pages.add(widget("", "visual-search")))
    expect(shop.get_by_role("button", name="Search with a photo")).to_be_visible()


def test_a_widget_may_be_loaded_alone_and_with_the_other_in_one_page(
    shop: Page, pages: ShopPages
) -> None:
    loaded: list[str] = []
    shop.on("request", lambda request: loaded.append(request.url))
    alone = f'<script type="module" src="{pages.search}/widget/visual-search.js"></script>'
    shop.goto(pages.add(widget('product-id="mug-001"') + alone + widget("", "visual-search")))
    expect(shop.get_by_role("button", name="Search with a photo")).to_be_visible()
    expect(shop.get_by_role("listitem").first).to_be_visible()
    scripts = [address for address in loaded if "/widget/" in address]
    assert len(scripts) == len(set(scripts)) == 9


# Accessibility


@pytest.mark.slow
def test_axe_finds_nothing_in_the_widgets(shop: Page, pages: ShopPages) -> None:
    both = widget('product-id="mug-001" limit="6"') + widget("", "visual-search")
    shop.goto(pages.add(both))
    expect(shop.get_by_role("listitem").first).to_be_visible()
    assert not violations(shop)
    start_search(shop)
    assert not violations(shop)


@pytest.mark.slow
def test_axe_finds_nothing_in_the_dark_and_on_a_phone(chromium: Browser, pages: ShopPages) -> None:
    page = chromium.new_page(
        viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark"
    )
    page.goto(pages.add('<meta name="color-scheme" content="dark">' + widget("", "visual-search")))
    start_search(page)
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    assert not violations(page)
    page.close()


# Frames


def test_a_frame_shows_the_list_at_its_full_height(shop: Page, pages: ShopPages) -> None:
    address = f"{pages.search}/embed/similar/mug-001?limit=3"
    frame = f'<iframe src="{address}" title="Similar items"></iframe>'
    shop.goto(pages.add('<script src="/frames.js"></script>' + frame))
    inside = shop.frame_locator("iframe")
    expect(inside.get_by_role("listitem")).to_have_count(3)
    element = shop.locator("iframe")
    needed = inside.locator("main").evaluate("main => main.getBoundingClientRect().height")
    expect(element).to_have_js_property("offsetHeight", math.ceil(needed))
    assert needed > 200


def test_a_frame_with_nothing_to_show_takes_no_room(shop: Page, pages: ShopPages) -> None:
    address = f"{pages.search}/embed/similar/no-such-product"
    frame = f'<iframe src="{address}" title="Similar items"></iframe>'
    shop.goto(pages.add('<script src="/frames.js"></script>' + frame))
    expect(shop.locator("iframe")).to_have_js_property("offsetHeight", 0)


def test_a_frame_searches_with_a_photo(shop: Page, pages: ShopPages) -> None:
    shop.goto(pages.add(f'<iframe src="{pages.search}/embed/search" title="Search"></iframe>'))
    inside = shop.frame_locator("iframe")
    with shop.expect_file_chooser() as chooser:
        inside.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(PHOTOS / "mug-on-counter.webp")
    expect(inside.locator("[part=title]").first).to_have_text(re.compile("Mug"))
    expect(inside.locator("[part=link]").first).to_have_attribute("target", "_top")


@pytest.mark.slow
def test_axe_finds_nothing_in_the_pages_for_frames(shop: Page, pages: ShopPages) -> None:
    for path in ("similar/mug-001", "search", "similar/mug-001?scheme=dark", "search?scheme=dark"):
        shop.goto(f"{pages.search}/embed/{path}")
        expect(shop.get_by_role("heading")).to_be_visible()
        assert not violations(shop)
