"""What the page shows while an answer is on its way, and when there is none."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from features.errors import TextIndexBuildingError
from scripts.page_states import (
    PHOTO,
    STATES,
    choose,
    offline,
    recent,
    refused,
    removed,
    searching,
    slow,
)
from server import create_app
from server.config import Settings
from tests.browser.axe import PHONE, fits, violations, violations_in_any_look
from tests.helpers import ROOT
from tests.loopback import served


def test_the_photo_shows_at_once_while_the_server_looks_at_it(page: Page) -> None:
    searching(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Searching with your photo")
    expect(page.get_by_alt_text("Your photo")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Looking for the items")
    assert page.locator(".skeleton").count() >= 4
    expect(page.get_by_label("Choose a photo")).to_be_hidden()


def test_a_search_is_cancelled_and_another_one_works(page: Page) -> None:
    searching(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Search with a photo")
    expect(page.get_by_label("Choose a photo")).to_be_focused()
    page.unroute_all()
    choose(page, PHOTO)
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_slow_answer_is_explained(page: Page) -> None:
    slow(page)
    expect(page.get_by_role("status")).to_contain_text("Your connection may be slow")


def test_a_search_goes_on_by_itself_once_there_is_a_network(quiet_page: Page) -> None:
    offline(quiet_page)
    quiet_page.context.set_offline(False)
    expect(quiet_page.locator(".product").first).to_contain_text("Mug")


class Busy:
    """Refuses the first requests, for a second each."""

    def __init__(self, times: int) -> None:
        self.asked = 0
        self._times = times

    def __call__(self, route: Route) -> None:
        self.asked += 1
        if self.asked > self._times:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "1"})


def test_a_busy_server_is_asked_again_when_it_says(quiet_page: Page) -> None:
    busy = Busy(2)
    quiet_page.goto("/")
    quiet_page.route("**/search", busy)
    choose(quiet_page, PHOTO)
    expect(quiet_page.get_by_role("status")).to_contain_text("Trying again in 1 s")
    expect(quiet_page.locator(".product").first).to_contain_text("Mug")
    assert busy.asked == 3


def test_another_item_waits_for_a_busy_server_too(quiet_page: Page) -> None:
    busy = Busy(1)
    quiet_page.goto("/search?example=scene-living-room")
    quiet_page.route("**/search?**", busy)
    quiet_page.locator(".items button").last.click()
    expect(quiet_page.locator("[data-status-line]")).to_contain_text("very busy")
    expect(quiet_page.locator("[data-status-line]")).to_contain_text("products for")
    assert busy.asked == 2


def test_a_server_that_cannot_be_reached_leaves_the_form_as_it_was(quiet_page: Page) -> None:
    quiet_page.goto("/")
    quiet_page.route("**/search", lambda route: route.abort())
    choose(quiet_page, PHOTO)
    expect(quiet_page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(quiet_page.get_by_role("heading", level=1)).to_have_text("Search with a photo")


def test_a_refused_file_is_explained_beside_the_form(page: Page) -> None:
    refused(page)
    expect(page).to_have_url(re.compile("/$"))
    choose(page, PHOTO)
    expect(page.locator(".product").first).to_contain_text("Mug")


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("large.jpg", 20_000_001, "This photo is larger than the 20 MB"),
        ("large.mp4", 100_000_001, "This file is larger than the 100 MB"),
    ],
)
def test_a_file_above_its_limit_is_not_sent(
    page: Page, tmp_path: Path, name: str, size: int, said: str
) -> None:
    page.goto("/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    choose(page, empty(tmp_path / name, size))
    expect(page.get_by_role("alert")).to_contain_text(said)
    assert "POST" not in sent


def test_a_video_that_is_larger_than_a_photo_may_be_is_sent(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    page.route("**/search", lambda route: route.fulfill(status=415))
    with page.expect_request("**/search"):
        choose(page, empty(tmp_path / "long.mp4", 20_000_001))


def empty(file: Path, size: int) -> Path:
    """A file that holds nothing but zeros, and takes no room on the disk."""
    with file.open("wb") as written:
        written.truncate(size)
    return file


def test_back_from_the_results_shows_the_form_again(page: Page) -> None:
    page.goto("/")
    choose(page, PHOTO)
    expect(page.locator(".product").first).to_contain_text("Mug")
    page.go_back()
    expect(page.get_by_label("Choose a photo")).to_be_attached()
    expect(page.locator("[data-waiting]")).to_have_count(0)


def test_a_product_that_left_the_shop_says_so_on_its_card(page: Page) -> None:
    removed(page)
    card = page.locator(".product").first
    expect(card).to_contain_text("No longer sold here")
    expect(card.get_by_role("link", name="More like this")).to_be_hidden()
    expect(page.locator(".product[data-gone]")).to_have_count(1)


def test_recent_searches_stay_on_the_device_and_can_be_cleared(page: Page) -> None:
    recent(page)
    section = page.get_by_role("region", name="Your recent searches")
    expect(section.get_by_role("link")).to_have_count(3)
    expect(section.get_by_role("link", name="blue vase")).to_be_visible()
    assert section.locator("img").first.get_attribute("src", timeout=1_000)
    section.get_by_role("link").last.click()
    expect(page).to_have_url(re.compile("example=mug-on-counter$"))
    page.goto("/")
    section.get_by_role("button", name="Clear").click()
    expect(section).to_be_hidden()
    page.reload()
    expect(section).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_a_photo_that_is_no_longer_kept_is_no_recent_search(page: Page) -> None:
    page.goto("/")
    choose(page, PHOTO)
    expect(page.locator(".product").first).to_be_visible()
    page.wait_for_function("() => localStorage['visual-search:recent']")
    page.evaluate(
        """() => {
            const searches = JSON.parse(localStorage["visual-search:recent"]);
            for (const search of searches) search.until = Date.now() - 1;
            localStorage["visual-search:recent"] = JSON.stringify(searches);
        }"""
    )
    page.goto("/")
    expect(page.get_by_role("region", name="Your recent searches")).to_be_hidden()


def test_there_are_no_recent_searches_without_javascript(plain_page: Page) -> None:
    plain_page.goto("/search?q=mug")
    plain_page.goto("/")
    expect(plain_page.get_by_role("region", name="Your recent searches")).to_be_hidden()


@pytest.fixture
def busy_shop(settings: Settings) -> Iterator[str]:
    """A shop whose page /moment is there after one try."""
    app = create_app(settings)
    tries: list[str] = []
    app.add_url_rule("/moment", view_func=lambda: _once(tries))
    with served(app) as address:
        yield address


def _once(tries: list[str]) -> str:
    tries.append("")
    if len(tries) == 1:
        raise TextIndexBuildingError("not yet")
    return "<!doctype html><title>There</title><h1>There it is</h1>"


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("busy")
    return Settings(store=folder, photos=folder / "photos", detector="none")


def test_a_page_that_comes_in_a_moment_is_asked_for_again(
    chromium: Browser, busy_shop: str
) -> None:
    page = chromium.new_page()
    page.goto(f"{busy_shop}/moment")
    expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")
    expect(page.get_by_role("status")).to_contain_text("Trying again in")
    assert not violations(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("There it is")
    page.close()


def test_waiting_for_a_page_can_be_stopped(chromium: Browser, busy_shop: str) -> None:
    page = chromium.new_page()
    page.goto(f"{busy_shop}/moment")
    page.get_by_role("button", name="Do not try again").click()
    expect(page.get_by_role("status")).to_have_text("Waiting was stopped.")
    page.get_by_role("link", name="Try again now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("There it is")
    page.close()


def test_styles_alone_answer_to_the_screen() -> None:
    """So that one page, once it is there, can be looked at in windows of all sizes."""
    asking = re.compile("matchMedia|innerWidth|outerWidth|screen\\.|(on|['\"])resize")
    for script in (ROOT / "static").glob("*.js"):
        assert not asking.search(script.read_text(encoding="utf-8")), script


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_state_and_all_of_it_fits(
    chromium: Browser, shop_address: str, state: str
) -> None:
    """A window of 1280 by 860 at 200 % is one of 640 by 430."""
    width, height = PHONE
    page = chromium.new_page(
        base_url=shop_address,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    STATES[state](page)
    assert not violations_in_any_look(page)
    assert fits(page, 640, 430)
    page.context.close()
