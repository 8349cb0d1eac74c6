"""A shopper says what counts most, colour or shape, and the results follow."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.page_states import unfold
from tests.browser.axe import violations_in_light_and_dark

RESULTS = "/search?example=mug-on-counter"
# On narrow screens what refines results is folded: see tests/browser/test_folding.py.
pytestmark = pytest.mark.usefixtures("wide")


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name)


def distances(page: Page) -> list[str | None]:
    lines = page.locator(".product-similarity")
    return [lines.nth(n).get_attribute("title") for n in range(lines.count())]


def test_results_follow_the_choice_in_place(page: Page) -> None:
    page.goto(RESULTS)
    expect(page.get_by_role("group", name="What counts most")).to_be_visible()
    expect(choice(page, "Balanced")).to_be_checked()
    usual = distances(page)
    page.evaluate("window.sameDocument = true")
    choice(page, "Colour").check()
    expect(page).to_have_url(re.compile("emphasis=colour$"))
    colour = distances(page)
    choice(page, "Shape").check()
    expect(page).to_have_url(re.compile("emphasis=shape$"))
    shape = distances(page)
    assert usual != colour != shape != usual
    choice(page, "Balanced").check()
    expect(page).not_to_have_url(re.compile("emphasis"))
    assert distances(page) == usual
    assert page.evaluate("window.sameDocument") is True


def test_the_keyboard_moves_between_the_choices_and_stays_there(page: Page) -> None:
    page.goto(RESULTS)
    page.get_by_role("slider", name="Similarity").focus()
    page.keyboard.press("Tab")
    expect(choice(page, "Balanced")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("emphasis=colour$"))
    expect(choice(page, "Colour")).to_be_focused()
    outline = "chip => getComputedStyle(chip).outlineStyle"
    assert page.locator(".emphasis", has_text="Colour").locator("span").evaluate(outline) == "solid"
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("emphasis=shape$"))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("emphasis=colour$"))


def test_reload_another_item_and_the_slider_keep_the_choice(page: Page) -> None:
    page.goto("/search?example=scene-living-room")
    choice(page, "Shape").check()
    expect(page).to_have_url(re.compile("emphasis=shape$"))
    page.locator(".items button").last.click()
    expect(page).to_have_url(re.compile(r"item=\d+&emphasis=shape$"))
    page.get_by_role("slider", name="Similarity").fill("5")
    expect(page).to_have_url(re.compile("threshold=5&emphasis=shape$"))
    page.reload()
    expect(choice(page, "Shape")).to_be_checked()
    page.go_back()
    expect(page).to_have_url(re.compile("scene-living-room&emphasis=shape$"))
    expect(choice(page, "Shape")).to_be_checked()


def test_back_leaves_the_results_and_forward_returns_to_the_choice(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="A mug in the kitchen").click()
    for name in ("Colour", "Shape"):
        choice(page, name).check()
        expect(page).to_have_url(re.compile(f"emphasis={name.lower()}$"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search with a photo")
    page.go_forward()
    expect(choice(page, "Shape")).to_be_checked()


def test_nothing_similar_enough_leads_to_any_similarity_with_the_same_choice(page: Page) -> None:
    page.goto(f"{RESULTS}&emphasis=colour&threshold=100")
    page.get_by_role("link", name="products of any similarity").click()
    expect(page.locator(".product").first).to_be_visible()
    expect(page).to_have_url(re.compile("emphasis=colour$"))
    expect(choice(page, "Colour")).to_be_checked()


def test_a_button_applies_the_choice_without_javascript(plain_page: Page) -> None:
    plain_page.goto("/search?example=scene-living-room&item=1")
    usual = distances(plain_page)
    choice(plain_page, "Shape").check()
    plain_page.get_by_role("button", name="Apply").click()
    expect(plain_page).to_have_url(re.compile("item=1&threshold=0&emphasis=shape$"))
    expect(choice(plain_page, "Shape")).to_be_checked()
    assert distances(plain_page) != usual
    plain_page.locator(".items button").first.click()
    expect(plain_page).to_have_url(re.compile("emphasis=shape&item=0$"))


def test_words_have_no_choice(page: Page) -> None:
    page.goto("/search?q=mug")
    expect(page.get_by_role("radio")).to_have_count(0)


def test_axe_finds_nothing_on_the_results(page: Page) -> None:
    page.goto(f"{RESULTS}&emphasis=colour")
    assert not violations_in_light_and_dark(page)


def test_the_choices_fit_a_narrow_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{RESULTS}&emphasis=colour")
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
