"""A shopper searches with a photo."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.axe import fits


def drop(page: Page, place: str, file: bytes) -> None:
    transfer = page.evaluate_handle(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "mug.webp"));
            return transfer;
        }""",
        list(file),
    )
    page.locator(place).dispatch_event("dragover", {"dataTransfer": transfer})
    expect(page.locator("[data-over]")).to_have_count(1)
    page.locator(place).dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.locator("[data-over]")).to_have_count(0)


def test_choosing_a_photo_searches_at_once(page: Page, mug_photo: Path) -> None:
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(mug_photo)
    expect(page.get_by_role("heading", level=1)).to_contain_text("look like your photo")
    first = page.locator(".product").first
    expect(first).to_contain_text("Mug")
    expect(first).to_contain_text("€")
    expect(page.get_by_alt_text("Your photo")).to_be_visible()


def test_every_product_picture_really_shows(page: Page) -> None:
    page.goto("/search?example=mug-on-counter")
    for picture in page.locator(".product img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("img => img.complete", arg=picture.element_handle())
        assert picture.evaluate("img => img.naturalWidth") > 0


def test_a_photo_that_is_chosen_before_the_scripts_came_is_searched_once_they_are_there(
    page: Page, mug_photo: Path
) -> None:
    held: list[Route] = []
    page.route("**/static/upload.js*", lambda route: held.append(route))
    with page.expect_request("**/static/upload.js*"):
        page.goto("/", wait_until="commit")
    page.get_by_label("Choose a photo").set_input_files(mug_photo)
    held[0].continue_()
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_the_form_works_without_javascript(plain_page: Page, mug_photo: Path) -> None:
    plain_page.goto("/")
    plain_page.get_by_label("Choose a photo").set_input_files(mug_photo)
    plain_page.get_by_role("button", name="Find similar products").click()
    expect(plain_page.locator(".product").first).to_contain_text("Mug")


@pytest.mark.parametrize("place", [".upload-drop", "h1"])
def test_a_photo_is_dropped_anywhere_on_the_page(page: Page, mug_photo: Path, place: str) -> None:
    """Beside the form it would be opened in the shop's place."""
    page.goto("/")
    drop(page, place, mug_photo.read_bytes())
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_file_dropped_on_results_is_refused_in_plain_sight(page: Page, wide: None) -> None:
    page.goto("/search?q=mug")
    drop(page, "h1", b"not a picture")
    expect(page.get_by_role("alert")).to_contain_text("not a picture")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(page.get_by_label("Choose a photo")).to_be_focused()


@pytest.mark.parametrize("pointer", ["mouse", "finger"])
def test_dropping_is_offered_to_those_who_have_a_mouse(
    chromium: Browser, shop_address: str, pointer: str
) -> None:
    page = chromium.new_page(base_url=shop_address, has_touch=pointer == "finger")
    page.goto("/")
    field = page.get_by_label("Choose a photo")
    expect(field).to_have_accessible_name(re.compile("search starts at once", re.IGNORECASE))
    expect(page.get_by_text("drop or paste")).to_be_visible(visible=pointer == "mouse")
    page.close()


def test_words_that_are_dragged_into_a_box_stay_words(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData("text/plain", "blue vase");
            window.words = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
            document.getElementById("words").dispatchEvent(window.words);
        }"""
    )
    assert page.evaluate("window.words.defaultPrevented") is False
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_file_that_is_no_photo_is_explained_and_can_be_replaced(
    page: Page, mug_photo: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(text)
    expect(page.get_by_role("alert")).to_contain_text("not a picture")
    page.get_by_label("Choose a photo").set_input_files(mug_photo)
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_an_example_is_one_click_away_and_back_returns(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="A mug in the kitchen").click()
    expect(page.locator(".product").first).to_contain_text("Mug")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search with a photo")
    expect(page.get_by_role("status")).to_have_count(0)


def test_the_keyboard_alone_reaches_the_photo_field_and_the_examples(page: Page) -> None:
    page.goto("/")
    seen = []
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
    assert any('type="file"' in element for element in seen)
    assert any('class="example"' in element for element in seen)


@pytest.mark.parametrize("query", ["", "example=mug-on-counter", "q=mug", "q=" + 90 * "x"])
def test_nothing_scrolls_sideways(page: Page, query: str) -> None:
    page.goto(f"/search?{query}" if query else "/")
    for width in (320, 390, 768, 1280):
        assert fits(page, width, 800), width
