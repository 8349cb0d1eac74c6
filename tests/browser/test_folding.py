"""On a phone the products come first: what refines them is one line that unfolds."""

import re

from playwright.sync_api import Locator, Page, expect

from scripts.page_states import RESULTS


def line(page: Page) -> Locator:
    return page.locator(".controls > summary")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Similarity")


def test_a_phone_shows_the_products_and_one_line(page: Page) -> None:
    page.goto(RESULTS)
    expect(line(page)).to_have_text("Refine the results")
    expect(slider(page)).to_be_hidden()
    box = line(page).bounding_box()
    assert box is not None and box["height"] >= 24
    expect(page.locator(".product").first).to_be_in_viewport()


def test_the_keyboard_unfolds_and_what_is_chosen_there_stays_in_sight(page: Page) -> None:
    page.goto(RESULTS)
    line(page).focus()
    page.keyboard.press("Enter")
    expect(slider(page)).to_be_visible()
    expect(page.get_by_text("What counts most")).to_be_visible()
    page.get_by_role("radio", name="Colour").check()
    expect(page).to_have_url(re.compile("emphasis=colour$"))
    expect(line(page)).to_have_text("Refine the results (1 chosen)")
    expect(slider(page)).to_be_visible()


def test_a_tap_beside_a_filter_closes_it_and_does_no_more(page: Page) -> None:
    page.goto("/search?q=mug")
    product = page.locator(".product").first.bounding_box()
    assert product is not None
    page.locator(".filter summary").first.click()
    expect(page.locator(".filter[open]")).to_have_count(1)
    page.mouse.click(product["x"] + product["width"] / 2, product["y"] + 20)
    expect(page.locator(".filter[open]")).to_have_count(0)
    expect(page).to_have_url(re.compile("q=mug$"))


def test_a_shared_address_says_how_much_is_chosen(page: Page) -> None:
    page.goto(f"{RESULTS}&threshold=10&filter=price:0,500&text=white")
    expect(line(page)).to_have_text("Refine the results (3 chosen)")


def test_a_wide_screen_shows_all_of_it(page: Page, wide: None) -> None:
    page.goto(RESULTS)
    expect(line(page)).to_be_hidden()
    expect(slider(page)).to_be_visible()


def test_it_unfolds_without_javascript(plain_page: Page) -> None:
    plain_page.set_viewport_size({"width": 390, "height": 844})
    plain_page.goto(RESULTS)
    expect(plain_page.locator("#threshold")).to_be_hidden()
    line(plain_page).click()
    plain_page.locator("#threshold").fill("100")
    plain_page.get_by_role("button", name="Apply").first.click()
    expect(plain_page.get_by_role("heading", name="Nothing found")).to_be_visible()
