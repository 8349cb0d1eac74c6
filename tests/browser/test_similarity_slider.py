"""A shopper says how similar products must be, and the results follow."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.axe import violations_in_light_and_dark

RESULTS = "/search?example=mug-on-counter"
# On narrow screens what refines results is folded: see tests/browser/test_folding.py.
pytestmark = pytest.mark.usefixtures("wide")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Similarity")


def slide(page: Page, value: int) -> None:
    """Set the value as a finger on the track does: the page hears of it."""
    slider(page).fill(str(value))


def similarities(page: Page) -> list[int]:
    texts = page.locator(".product-similarity").all_inner_texts()
    return [int(text.removesuffix(" %").rpartition(" ")[2]) for text in texts]


def between(page: Page) -> int:
    """A value that leaves some of the products, and not all."""
    shown = similarities(page)
    assert shown[0] > shown[-1], "the shop's products are all alike"
    return shown[-1] + 1


def test_results_follow_the_slider_in_place(page: Page) -> None:
    page.goto(RESULTS)
    before = similarities(page)
    least = between(page)
    page.evaluate("window.sameDocument = true")
    slide(page, least)
    expect(page).to_have_url(re.compile(f"threshold={least}$"))
    kept = [value for value in before if value >= least]
    expect(page.locator(".product")).to_have_count(len(kept))
    assert similarities(page) == kept
    expect(page.locator("output")).to_have_text(f"at least {least} %")
    assert page.evaluate("window.sameDocument") is True


def test_the_number_of_products_is_announced_by_a_line_that_stays(page: Page) -> None:
    page.goto(RESULTS)
    line = page.locator("[data-status-line]")
    expect(line).to_have_role("status")
    line.evaluate("line => { window.line = line; }")
    least = between(page)
    left = sum(value >= least for value in similarities(page))
    slide(page, least)
    expect(line).to_contain_text(re.compile(rf"{left} products?.*at least {least} % similar"))
    assert line.evaluate("line => line === window.line")


def test_nothing_similar_enough_says_so_and_what_to_try(page: Page) -> None:
    page.goto(RESULTS)
    before = page.locator(".product").count()
    slide(page, 100)
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Nothing found")).to_be_visible()
    expect(page.locator(".product")).to_have_count(0)
    expect(page.get_by_text("a lower value")).to_be_visible()
    page.get_by_role("link", name="products of any similarity").click()
    expect(page.locator(".product")).to_have_count(before)
    expect(page).not_to_have_url(re.compile("threshold"))
    expect(slider(page)).to_be_focused()
    expect(slider(page)).to_have_value("0")


def test_reload_and_a_shared_address_keep_the_value(page: Page) -> None:
    page.goto(RESULTS)
    slide(page, 100)
    expect(page).to_have_url(re.compile("threshold=100"))
    page.reload()
    expect(slider(page)).to_have_value("100")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_back_leaves_the_results_however_often_the_slider_moved(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="A mug in the kitchen").click()
    for value in (30, 60, 100):
        slide(page, value)
        expect(page).to_have_url(re.compile(f"threshold={value}"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search with a photo")


def test_a_slider_that_moved_before_its_script_was_there_counts(page: Page) -> None:
    held: list[Route] = []
    page.route("**/similarity.js*", lambda route: held.append(route))
    with page.expect_request("**/similarity.js*"):
        page.goto(RESULTS, wait_until="commit")
    slide(page, 40)
    for route in held:
        route.continue_()
    expect(page).to_have_url(re.compile("threshold=40$"))


def test_another_item_keeps_the_value_and_back_returns_to_the_item_before(page: Page) -> None:
    page.goto("/search?example=scene-living-room")
    slide(page, 10)
    expect(page).to_have_url(re.compile("threshold=10"))
    page.locator(".items button").last.click()
    expect(page).to_have_url(re.compile(r"item=\d+&threshold=10"))
    slide(page, 100)
    expect(page).to_have_url(re.compile(r"item=\d+&threshold=100"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"scene-living-room&threshold=10$"))
    expect(slider(page)).to_have_value("10")
    expect(page.locator(".product").first).to_be_visible()


def test_an_item_that_is_refined_before_it_is_shown_is_a_step_for_back(page: Page) -> None:
    waiting: list[Route] = []
    page.goto("/search?example=scene-living-room")
    page.route(re.compile("item=1$"), lambda route: waiting.append(route))
    with page.expect_request(re.compile("item=1$")):
        page.locator(".items button").nth(1).click()
    slide(page, 10)
    expect(page).to_have_url(re.compile("item=1&threshold=10$"))
    page.go_back()
    expect(page).to_have_url(re.compile("scene-living-room$"))
    expect(slider(page)).to_have_value("0")


def test_the_keyboard_moves_the_slider_and_it_tells_its_value(page: Page) -> None:
    page.goto(RESULTS)
    slider(page).focus()
    page.keyboard.press("End")
    expect(slider(page)).to_have_attribute("aria-valuetext", "at least 100 %")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.keyboard.press("Home")
    expect(slider(page)).to_have_attribute("aria-valuetext", "any")
    expect(page.locator(".product").first).to_be_visible()
    expect(slider(page)).to_be_focused()


def test_a_slow_older_answer_never_replaces_a_newer_one(page: Page) -> None:
    waiting: list[Route] = []
    page.goto(RESULTS)
    before = page.locator(".product").count()
    page.route(re.compile("threshold=100"), lambda route: waiting.append(route))
    with page.expect_request(re.compile("threshold=100")) as asked:
        slide(page, 100)
    slide(page, 0)
    expect(page.locator("[data-answer]")).not_to_have_attribute("aria-busy", "true")
    assert asked.value.failure == "net::ERR_ABORTED"
    expect(page.locator(".product")).to_have_count(before)
    expect(page).not_to_have_url(re.compile("threshold"))


def test_a_fast_slide_asks_once(page: Page) -> None:
    page.goto(RESULTS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "?" in request.url else None)
    slider(page).evaluate(
        """(slider) => {
            for (let value = 1; value <= 100; value += 1) {
                slider.value = value;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }"""
    )
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert len([url for url in asked if "/search" in url]) == 1


def test_a_button_applies_the_value_without_javascript(plain_page: Page) -> None:
    plain_page.goto("/search?example=scene-living-room&item=1")
    plain_page.locator("#threshold").fill("100")
    plain_page.get_by_role("button", name="Apply").click()
    expect(plain_page).to_have_url(re.compile("item=1&threshold=100"))
    expect(plain_page.get_by_role("heading", name="Nothing found")).to_be_visible()
    plain_page.locator(".items button").first.click()
    expect(plain_page).to_have_url(re.compile("threshold=100&item=0"))
    expect(plain_page.locator("#threshold")).to_have_value("100")
    plain_page.get_by_role("link", name="products of any similarity").click()
    expect(plain_page.locator(".product").first).to_be_visible()


def test_words_have_no_slider(page: Page) -> None:
    page.goto("/search?q=mug")
    expect(page.get_by_role("slider")).to_have_count(0)


@pytest.mark.parametrize("threshold", [0, 100])
def test_axe_finds_nothing_on_the_results(page: Page, threshold: int) -> None:
    page.goto(f"{RESULTS}&threshold={threshold}")
    assert not violations_in_light_and_dark(page)
