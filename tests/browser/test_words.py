"""A shopper searches with words."""

from playwright.sync_api import Page, expect


def test_typing_words_finds_products_and_a_typo_is_forgiven(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("combobox", name="Search with words")
    box.press_sequentially("mugg")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Products for “mug”")
    expect(page.locator(".product").first).to_contain_text("Mug")
    expect(page.get_by_role("status")).to_contain_text("1 product")
    expect(page.get_by_role("combobox")).to_have_value("mugg")


def test_names_are_suggested_while_words_are_typed(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("mu")
    suggested = page.locator("#words-suggested option")
    expect(suggested.first).to_have_attribute("value", "Mugs")
    page.get_by_role("combobox").fill("Mugs")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".product")).to_have_count(1)


def test_words_that_find_nothing_offer_a_photo_instead(page: Page) -> None:
    page.goto("/search?q=telescope")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found for “telescope”")
    expect(page.get_by_label("Choose a photo")).to_be_attached()


def test_the_box_works_without_javascript(plain_page: Page) -> None:
    plain_page.goto("/search?example=mug-on-counter")
    plain_page.get_by_role("combobox").fill("mug")
    plain_page.get_by_role("button", name="Search", exact=True).click()
    expect(plain_page.locator(".product").first).to_contain_text("Mug")
