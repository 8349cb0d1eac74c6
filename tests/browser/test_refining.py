"""A shopper refines an answer: by chips, by words, by price, and finds more like one product."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.page_states import RESULTS

# On narrow screens what refines results is folded: see tests/browser/test_folding.py.
pytestmark = pytest.mark.usefixtures("wide")


def chips(page: Page) -> Locator:
    return page.get_by_role("group", name="Filters")


def shut(page: Page, name: str) -> Locator:
    return chips(page).locator("summary", has_text=name)


def test_a_chip_refines_in_place_and_is_taken_back(page: Page) -> None:
    page.goto(RESULTS)
    before = page.locator(".product").count()
    page.evaluate("window.sameDocument = true")
    shut(page, "Category").click()
    page.get_by_role("link", name="Mugs 1").click()
    expect(page).to_have_url(re.compile("filter=category%3AMugs$"))
    expect(page.locator(".product")).to_have_count(1)
    expect(shut(page, "Category: Mugs")).to_be_focused()
    page.keyboard.press("Enter")
    chips(page).get_by_role("link", name="Mugs (chosen; take it back)").click()
    expect(page.locator(".product")).to_have_count(before)
    expect(page).not_to_have_url(re.compile("filter"))
    assert page.evaluate("window.sameDocument") is True


def test_back_and_reload_keep_the_chips(page: Page) -> None:
    page.goto(RESULTS)
    shut(page, "Colour").click()
    page.locator(".filter[open] a.chip").first.click()
    expect(page).to_have_url(re.compile("filter=color"))
    page.reload()
    expect(page.locator("summary[data-chosen]")).to_have_count(1)
    page.go_back()
    expect(page).not_to_have_url(re.compile("filter"))
    expect(page.locator("summary[data-chosen]")).to_have_count(0)


def test_another_item_keeps_the_chips_and_the_words(page: Page) -> None:
    page.goto("/search?example=scene-living-room&filter=price:0,500&text=white")
    page.locator(".items button").last.click()
    expect(page).to_have_url(re.compile(r"text=white&filter=price%3A0%2C500&item=\d"))


def test_a_price_range_is_typed(page: Page) -> None:
    page.goto(RESULTS)
    shut(page, "Price").click()
    page.get_by_label("From").fill("10")
    page.get_by_label("To", exact=True).fill("20")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("filter=price%3A10%2C20$"))
    expect(shut(page, "Price: 10 to 20")).to_be_focused()
    prices = page.locator(".product-price").all_inner_texts()
    assert prices and all(10 <= float(price.removeprefix("€")) <= 20 for price in prices)


def test_only_what_is_in_stock(page: Page) -> None:
    page.goto(f"{RESULTS}&limit=12")
    everything = page.locator(".product").count()
    chips(page).get_by_role("link", name="In stock").click()
    expect(page).to_have_url(re.compile("filter=availability%3Ain_stock"))
    stock = page.locator(".product-stock").all_inner_texts()
    assert 0 < len(stock) < everything and set(stock) == {"In stock"}


def test_words_refine_what_a_photo_found(page: Page) -> None:
    page.goto(RESULTS)
    page.get_by_role("textbox", name="Refine by words").fill("in white")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("text=in\\+white"))
    expect(page.get_by_role("textbox", name="Refine by words")).to_be_focused()
    titles = page.locator(".product-title").all_inner_texts()
    assert titles and all("White" in title for title in titles)


def test_words_that_name_nothing_are_left_out_and_that_is_said(page: Page) -> None:
    page.goto(f"{RESULTS}&text=telescopic")
    expect(page.get_by_text("“telescopic” names nothing")).to_be_visible()
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_filter_closes_with_escape_and_with_a_click_elsewhere(page: Page) -> None:
    page.goto(RESULTS)
    for closing in ("escape", "click"):
        shut(page, "Category").click()
        expect(page.locator(".filter[open]")).to_have_count(1)
        if closing == "escape":
            page.keyboard.press("Escape")
            expect(shut(page, "Category")).to_be_focused()
        else:
            page.get_by_role("heading", level=1).click()
        expect(page.locator(".filter[open]")).to_have_count(0)


def test_more_like_a_product_and_on_to_its_page(page: Page) -> None:
    page.goto(RESULTS)
    page.get_by_role("link", name=re.compile("^More like this: .*Mug")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("More like this")
    expect(page.locator(".products .product").first).not_to_contain_text("Mug")
    product = page.get_by_role("complementary", name="The product")
    expect(product.get_by_role("link", name="To the product")).to_have_attribute(
        "href", re.compile("^https://shop.example/p/mug")
    )
    page.get_by_role("slider", name="Similarity").fill("100")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("link", name="products of any similarity").click()
    expect(page.locator(".products .product").first).to_be_visible()


def test_nothing_found_leads_back_out_of_the_filters(page: Page) -> None:
    page.goto(f"{RESULTS}&filter=category:Mugs&filter=color:none-such")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("link", name="none of them").press("Enter")
    expect(page.locator(".product").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_keyboard_stays_at_the_filters_that_it_clears(page: Page) -> None:
    page.goto(f"{RESULTS}&filter=category:Mugs")
    page.get_by_role("link", name="Clear all").press("Enter")
    expect(page).not_to_have_url(re.compile("filter"))
    expect(shut(page, "Category")).to_be_focused()


def test_chips_prices_and_words_work_without_javascript(plain_page: Page) -> None:
    plain_page.goto(RESULTS)
    shut(plain_page, "Category").click()
    plain_page.get_by_role("link", name="Mugs 1").click()
    expect(plain_page.locator(".product")).to_have_count(1)
    plain_page.get_by_role("link", name="Clear all").click()
    shut(plain_page, "Price").click()
    plain_page.get_by_label("To", exact=True).fill("20")
    plain_page.locator(".filter[open]").get_by_role("button", name="Apply").click()
    expect(plain_page).to_have_url(re.compile("filter=price%3A%2C20$"))
    plain_page.get_by_role("textbox", name="Refine by words").fill("white")
    plain_page.get_by_role("button", name="Refine").click()
    expect(plain_page).to_have_url(re.compile("filter=price%3A%2C20&text=white$"))


def test_words_have_chips_too(page: Page) -> None:
    page.goto("/search?q=white")
    shut(page, "Category").click()
    page.get_by_role("link", name="Mugs 1").click()
    expect(page).to_have_url(re.compile("q=white&filter=category%3AMugs$"))
    expect(page.locator(".product")).to_have_count(1)
