"""What a screen reader says on the way from a photo to a product, as the browser tells it."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

HOME = """
- link "Skip to content"
- banner:
  - link "Visual Search"
  - search:
    - combobox "Search with words"
    - button "Search"
- main:
  - heading "Search with a photo" [level=1]
  - button /Choose a photo or a video/
  - region "No photo at hand? Try one of these":
    - heading "No photo at hand? Try one of these" [level=2]
    - list:
      - listitem:
        - link "A tee on the bed"
- region "Search with a photo":
  - button "Take a photo"
  - button "Pick a picture"
"""
RESULTS = """
- main:
  - complementary "Your photo":
    - img "Your photo"
    - heading "Search for" [level=2]
    - list:
      - listitem:
        - button
    - group: Choose an area yourself
  - region "Products that look like your photo":
    - heading "Products that look like your photo" [level=1]
    - group: /Refine the results/
    - status: /6 products for .+, most similar first/
    - list:
      - listitem:
        - heading "Hazel Coffee Mug, White" [level=2]:
          - link "Hazel Coffee Mug, White"
        - paragraph: Mugs
        - paragraph: €12.90 In stock
        - paragraph: /imilar, \\d+ %/
        - 'link "More like this: Hazel Coffee Mug, White"'
"""
LIST = """
- list:
  - listitem:
    - heading [level=2]:
      - link
    - paragraph
    - link /^More like this/
"""


def test_the_first_page_says_where_one_is_and_what_can_be_done(page: Page) -> None:
    page.goto("/")
    expect(page.locator("body")).to_match_aria_snapshot(HOME)


def test_the_results_say_the_photo_its_items_and_each_product(page: Page, mug_photo: Path) -> None:
    page.goto("/")
    page.locator("input[type=file]").first.set_input_files(mug_photo)
    expect(page.locator("body")).to_match_aria_snapshot(RESULTS)


def test_what_is_searched_is_told_apart_from_what_could_be(page: Page) -> None:
    page.goto("/search?example=mug-on-counter")
    chips = page.get_by_role("complementary", name="Your photo").get_by_role("button")
    current = [chip.get_attribute("aria-current") for chip in chips.all()]
    assert current.count("true") == 1


def test_more_like_a_product_says_which(page: Page) -> None:
    page.goto("/search?example=mug-on-counter")
    link = page.get_by_role("link", name=re.compile("^More like this")).first
    name = (link.get_attribute("aria-label") or "").removeprefix("More like this: ")
    link.click()
    expect(page.get_by_role("heading", name="More like this", level=1)).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text(name)
    expect(page.get_by_role("main")).to_match_aria_snapshot(LIST)


def test_how_many_are_left_is_said_while_the_slider_moves(page: Page) -> None:
    page.goto("/search?example=mug-on-counter")
    said = page.get_by_role("status").filter(has_text="products")
    before = said.inner_text()
    page.locator("details:has(#threshold) > summary").click()
    page.get_by_role("slider", name="Similarity").fill("45")
    expect(said).not_to_have_text(before)


def test_a_refused_picture_is_said_with_its_reason(page: Page, tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture")
    page.goto("/")
    page.locator("input[type=file]").first.set_input_files(text)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("picture|photo"))
