"""A shopper chooses one item of a photo with several: by tapping, drawing, dragging and typing."""

import itertools
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.shop import SAMPLE

AREA = re.compile(r"left=[\d.]+&top=[\d.]+&right=[\d.]+&bottom=[\d.]+")


@pytest.fixture
def scene() -> Path:
    return SAMPLE / "photos" / "scene-living-room.webp"


def upload(page: Page, photo: Path) -> None:
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    expect(page.locator(".product").first).to_be_visible()
    expect(page.locator("[data-corner]")).to_have_count(4)  # the page's script is at work


def choose_another(page: Page) -> None:
    """Choose an item that is not searched yet."""
    page.locator(".items button:not([aria-current])").first.click()
    expect(page).to_have_url(re.compile(r"item=\d"))


def titles(page: Page) -> list[str]:
    return page.locator(".product-title").all_inner_texts()


def draw(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Drag with the mouse from one corner to the other, in shares of the photo."""
    edge = page.locator("[data-photo] svg").bounding_box()
    assert edge is not None
    x, y = edge["x"], edge["y"]
    page.mouse.move(x + left * edge["width"], y + top * edge["height"])
    page.mouse.down()
    page.mouse.move(x + right * edge["width"], y + bottom * edge["height"], steps=6)
    page.mouse.up()


def test_uploading_tapping_and_drawing_each_change_the_results(page: Page, scene: Path) -> None:
    upload(page, scene)
    seen = [titles(page)]
    choose_another(page)
    expect(page.locator(".items [aria-current]")).to_have_count(1)
    seen.append(titles(page))
    draw(page, 0.5, 0.55, 0.75, 0.8)
    expect(page).to_have_url(AREA)
    expect(page.locator("[data-status-line]")).to_contain_text("the chosen area")
    seen.append(titles(page))
    draw(page, 0.02, 0.3, 0.5, 0.95)
    expect(page).not_to_have_url(re.compile("left=5"))
    expect(page.locator(".product").first).to_contain_text("Chair")
    seen.append(titles(page))
    assert all(before != after for before, after in itertools.pairwise(seen))


def test_a_mark_on_the_photo_is_tapped(page: Page, scene: Path) -> None:
    upload(page, scene)
    page.locator(".mark .mark-dot").nth(1).click()
    expect(page).to_have_url(re.compile("item=1"))
    expect(page.locator(".items button").nth(1)).to_have_attribute("aria-current", "true")


def test_the_results_change_in_place_without_a_new_page(page: Page, scene: Path) -> None:
    upload(page, scene)
    page.evaluate("window.sameDocument = true")
    page.locator(".items button").nth(1).click()
    expect(page).to_have_url(re.compile("item=1"))
    assert page.evaluate("window.sameDocument") is True


def test_back_and_forward_and_reload_keep_what_was_chosen(page: Page, scene: Path) -> None:
    upload(page, scene)
    first = titles(page)
    page.locator(".items button").last.click()
    expect(page).to_have_url(re.compile(r"item=\d"))
    whole = titles(page)
    page.go_back()
    expect(page).not_to_have_url(re.compile("item="))
    expect(page.locator(".product-title").first).to_have_text(first[0])
    page.go_forward()
    expect(page.locator(".items button").last).to_have_attribute("aria-current", "true")
    page.reload()
    assert titles(page) == whole


def test_skipping_to_the_content_searches_nothing_again(page: Page) -> None:
    page.goto("/search?example=mug-on-counter")
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.resource_type))
    page.get_by_role("link", name="Skip to content").press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    expect(page.locator("[data-answer]")).not_to_have_attribute("aria-busy", "true")
    assert "fetch" not in sent


def test_a_corner_is_dragged(page: Page, scene: Path) -> None:
    upload(page, scene)
    draw(page, 0.3, 0.3, 0.6, 0.6)
    expect(page).to_have_url(AREA)
    expect(page.locator("[data-corner]")).to_have_count(4)
    before = page.url
    corner = page.locator("[data-corner='bottom right']").bounding_box()
    assert corner is not None
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y + 30, steps=4)
    page.mouse.up()
    expect(page).not_to_have_url(before)
    assert "left=30" in page.url and "top=30" in page.url


def test_marks_leave_a_narrow_panorama_in_sight(page: Page, scene: Path, tmp_path: Path) -> None:
    panorama = Image.new("RGB", (1800, 150))
    for left in range(0, 1800, 225):
        panorama.paste(Image.open(scene).resize((225, 150)), (left, 0))
    panorama.save(tmp_path / "panorama.png")
    upload(page, tmp_path / "panorama.png")
    photo = page.locator("[data-photo]").bounding_box()
    marks = page.locator("[data-corner], .mark-dot").all()
    assert photo is not None and len(marks) > 4
    for mark in marks:
        edge = mark.bounding_box()
        assert edge is not None and edge["height"] < 0.6 * photo["height"]


def test_a_finger_drags_a_corner_and_not_the_page(chromium: Browser, shop_address: str) -> None:
    context = chromium.new_context(
        base_url=shop_address, viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = context.new_page()
    page.goto("/search?example=mug-on-counter&left=20&top=20&right=60&bottom=60")
    page.wait_for_load_state("networkidle")
    corner = page.locator("[data-corner='bottom right']").bounding_box()
    edge = page.locator("[data-photo]").bounding_box()
    assert corner is not None and edge is not None
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    finger = context.new_cdp_session(page)
    touches: list[tuple[str, list[dict[str, float]]]] = [("touchStart", [{"x": x, "y": y}])]
    touches += [("touchMove", [{"x": x, "y": y + step}]) for step in range(5, 45, 5)]
    for kind, points in [*touches, ("touchEnd", [])]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page).not_to_have_url(re.compile("bottom=60$"))
    bottom = float(page.url.rpartition("=")[2])
    assert bottom == pytest.approx(60 + 100 * 40 / edge["height"], abs=2)
    assert page.evaluate("scrollY") == 0
    context.close()


def test_buttons_and_number_fields_do_what_dragging_does(page: Page, scene: Path) -> None:
    upload(page, scene)
    page.get_by_text("Choose an area yourself").click()
    for side, value in (("Left", "10"), ("Top", "30"), ("Right", "50"), ("Bottom", "90")):
        page.get_by_label(f"{side} %").fill(value)
    page.get_by_role("button", name="Search this area").click()
    expect(page).to_have_url(re.compile("left=10.*bottom=90"))
    expect(page.get_by_role("button", name="Search this area")).to_be_focused()
    page.get_by_role("button", name="Move right").click()
    expect(page).to_have_url(re.compile("left=15"))
    expect(page.get_by_role("button", name="Move right")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("left=20"))
    page.get_by_role("button", name="Larger").click()
    expect(page).to_have_url(re.compile("left=15.*bottom=95"))


def test_items_are_chosen_without_javascript(plain_page: Page, scene: Path) -> None:
    plain_page.goto("/")
    plain_page.get_by_label("Choose a photo").set_input_files(scene)
    plain_page.get_by_role("button", name="Find similar products").click()
    first = titles(plain_page)
    choose_another(plain_page)
    assert titles(plain_page) != first
    plain_page.get_by_text("Choose an area yourself").click()
    plain_page.get_by_role("button", name="Smaller").click()
    expect(plain_page).to_have_url(AREA)


def test_a_finger_scrolls_until_drawing_is_switched_on(page: Page, scene: Path) -> None:
    upload(page, scene)
    page.get_by_text("Choose an area yourself").click()
    button = page.get_by_role("button", name="Draw on the photo")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.locator("[data-photo]").evaluate("e => getComputedStyle(e).touchAction") == "none"
    page.locator("[data-photo]").scroll_into_view_if_needed()
    draw(page, 0.1, 0.3, 0.5, 0.9)
    expect(page).to_have_url(AREA)
    expect(button).to_have_attribute("aria-pressed", "false")
