"""The pages in German and in Arabic, which is read from the right; without a script, and with."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.page_states import RESULTS, STATES, at, unfold
from tests.browser.axe import fits, violations

QUICK = ("first-visit", "results", "filter", "nothing-found", "words", "product-gone")
ALL = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in STATES]
Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, shop_address: str) -> Iterator[Opened]:
    """Makes the page of a browser whose reader prefers a language."""
    contexts = []

    def open_page(language: str, width: int = 390, **options: bool) -> Page:
        context = chromium.new_context(
            base_url=shop_address,
            locale=language,
            viewport={"width": width, "height": 844},
            java_script_enabled=options.get("scripts", True),
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("state", ALL)
def test_axe_finds_nothing_in_arabic_and_all_of_it_fits(opened: Opened, state: str) -> None:
    page = opened("ar")
    STATES[state](page)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert fits(page, 390, 844)
    assert not violations(page)
    assert fits(page, 320, 844)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_all_of_it_fits_a_narrow_phone_in_german(opened: Opened, state: str) -> None:
    page = opened("de", width=320)
    STATES[state](page)
    assert fits(page, 320, 844)


def test_results_in_german_follow_the_slider(opened: Opened) -> None:
    page = opened("de-AT")
    at(RESULTS)(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Produkte, die Ihrem Foto ähneln")
    unfold(page)
    page.get_by_role("slider", name="Ähnlichkeit").fill("100")
    expect(page.get_by_role("heading", name="Nichts gefunden")).to_be_visible()
    expect(page.locator("output")).to_have_text("mindestens 100 %")


def test_a_page_in_arabic_needs_no_script(opened: Opened) -> None:
    page = opened("ar", scripts=False)
    page.goto(RESULTS)
    expect(page.get_by_role("heading", level=1)).to_have_text("منتجات تشبه صورتك")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_the_area_moves_to_the_side_its_arrow_points_to(opened: Opened) -> None:
    page = opened("ar")
    at("/search?example=scene-living-room")(page)
    page.locator("[data-area] summary").click()
    left = page.locator("[name=nudge][value=left]").bounding_box()
    right = page.locator("[name=nudge][value=right]").bounding_box()
    assert left is not None and right is not None and left["x"] < right["x"]


def test_the_camera_says_in_german_why_there_is_none(opened: Opened) -> None:
    page = opened("de")
    page.add_init_script("delete Navigator.prototype.mediaDevices")
    page.goto("/")
    page.get_by_role("button", name="Foto aufnehmen").last.click()
    dialog = page.get_by_role("dialog", name="Foto aufnehmen")
    expect(dialog.get_by_role("status")).to_have_text(
        "Die Kamera funktioniert nur, wenn der Shop mit https geöffnet ist."
    )


def test_a_language_that_was_asked_for_stays(opened: Opened) -> None:
    page = opened("en")
    page.goto("/?lang=de")
    page.get_by_role("link", name="A mug in the kitchen").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.locator(".items button").first.click()
    expect(page.locator("[data-status-line]")).to_contain_text("Produkte für")
    page.get_by_role("combobox").fill("mug")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Produkte zu „mug“")
