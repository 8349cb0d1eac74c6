"""Somebody looks for pictures of a person."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from features.people import DlibFaces
from scripts.live_server import live_server
from tests.browser.axe import violations
from tests.people import enrol_everybody, people_folder
from tests.shop import make_shop_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def photos() -> Path:
    return people_folder()


@pytest.fixture(scope="module")
def people_address(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("people-shop")
    enrol_everybody(folder / "people", photos, DlibFaces())
    settings = {"PHOTOS": "photos", "THUMBNAILS": "thumbnails", "PEOPLE_STORE": "people"}
    paths = {name: str(folder / part) for name, part in settings.items()}
    store = str(make_shop_store(folder))
    with live_server(STORE=store, PEOPLE="all", DETECTOR="regions", **paths) as server:
        yield server.address


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_people_are_found_and_one_of_them_is_chosen(
    chromium: Browser, people_address: str, photos: Path, script: bool
) -> None:
    page = chromium.new_page(
        base_url=people_address,
        java_script_enabled=script,
        viewport={"width": 390, "height": 844},
    )
    page.goto("/")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Choose a photo").set_input_files(photos / "test_obama_and_biden.jpg")
    page.get_by_role("button", name="Find pictures of them").click()
    expect(page.get_by_role("status")).to_contain_text("3 people")
    people = page.locator(".person")
    expect(people).to_have_count(3)
    expect(page.get_by_role("heading", name="Person 3: unknown")).to_be_visible()
    expect(people.nth(0).locator(".product")).to_have_count(2)
    page.get_by_role("link", name="Person 2").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#face-2$"))
    expect(people.nth(1)).to_be_visible()
    expect(people.nth(0)).to_be_hidden()
    expect(people.nth(1).locator(".product rect")).to_have_count(2)
    page.get_by_role("link", name="Everybody").click()
    expect(people.nth(0)).to_be_visible()
    if script:
        check_every_picture_shows_and_all_can_read_it(page)
    page.close()


def check_every_picture_shows_and_all_can_read_it(page: Page) -> None:
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("img => img.complete", arg=picture.element_handle())
        assert picture.evaluate("img => img.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not violations(page)
