"""The shop's owner looks after collections."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.live_server import live_server
from scripts.page_states import ADMIN_KEY as KEY
from scripts.page_states import ADMIN_STATES, tried
from tests.browser.axe import DESKTOP, PHONE, fits, violations, violations_in_light_and_dark
from tests.helpers import picture
from tests.shop import make_shop_store

pytestmark = pytest.mark.slow  # tests/server/admin does the same without a browser

PATIENCE_MS = 60_000
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture(scope="module")
def admin_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("admin-shop")
    paths = {name: str(folder / name.lower()) for name in ("PHOTOS", "THUMBNAILS")}
    store = str(make_shop_store(folder))
    with live_server(STORE=store, ADMIN_KEY=KEY, DETECTOR="regions", **paths) as server:
        yield server.address


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures, one that is damaged, and a file that is none."""
    path = tmp_path_factory.mktemp("archive") / "holiday.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number, name in enumerate(("beach", "harbour", "hills")):
            packed.writestr(f"{name}.png", picture(number))
        packed.writestr("torn.png", picture(3)[:200])
        packed.writestr("list.txt", "three pictures")
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The picture of the harbour."""
    path = tmp_path / "photo.png"
    path.write_bytes(picture(1))
    return path


def opened(chromium: Browser, address: str, *, script: bool = True) -> Page:
    size = {"width": 390, "height": 844}
    return chromium.new_page(base_url=address, java_script_enabled=script, viewport=size)  # type: ignore[arg-type]


def sign_in(page: Page, key: str = KEY) -> None:
    page.goto("/admin")
    page.get_by_label("Admin key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def create(page: Page, name: str, archive: Path) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("ZIP of pictures").set_input_files(archive)
    page.get_by_role("button", name="Create collection").click()


def check_all_can_read_it(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not violations(page)


def test_the_key_signs_in_and_out(chromium: Browser, admin_address: str) -> None:
    page = opened(chromium, admin_address)
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("This is no admin key.")
    check_all_can_read_it(page)
    sign_in(page)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert page.evaluate("document.cookie") == "", "scripts cannot read the session"
    assert KEY not in str(page.context.cookies())
    check_all_can_read_it(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Admin key")).to_be_visible()
    page.close()


@SCRIPT
def test_an_archive_is_sent_followed_and_searched(
    chromium: Browser, admin_address: str, archive: Path, photo: Path, script: bool
) -> None:
    page = opened(chromium, admin_address, script=script)
    page.set_default_timeout(PATIENCE_MS)
    sign_in(page)
    name = f"Holiday {'quick' if script else 'plain'}"
    create(page, name, archive)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text(
        "holiday.zip is imported; 2 files were not used.", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("heading", name="3 pictures")).to_be_visible()
    unused = page.get_by_role("list", name="Files that were not used").get_by_role("listitem")
    expect(unused).to_have_text([re.compile("list.txt.*no picture"), re.compile("torn.png")])
    if script:
        check_all_can_read_it(page)
    page.get_by_role("link", name="Search this collection").click()
    expect(page.get_by_role("heading", name=f"Search in “{name}”")).to_be_visible()
    page.locator("input[name=image]").set_input_files(photo)
    if not script:
        page.get_by_role("button", name="Find similar products").click()
    expect(page.locator(".product-title").first).to_have_text("Harbour")
    expect(page.locator(".product")).to_have_count(3)
    shown = page.locator(".product img").first
    shown.scroll_into_view_if_needed()
    if script:
        page.wait_for_function("img => img.complete", arg=shown.element_handle())
        assert shown.evaluate("img => img.naturalWidth") > 0
    page.get_by_label("Search with words").fill("hills")
    page.get_by_label("Search with words").press("Enter")
    expect(page).to_have_url(re.compile("collection=.*q=hills"))
    page.close()


def test_a_collection_is_renamed_and_deleted(
    chromium: Browser, admin_address: str, archive: Path
) -> None:
    page = opened(chromium, admin_address)
    sign_in(page)
    create(page, "Sprnig", archive)
    page.get_by_label("New name").fill("Spring <2026>")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Spring <2026>")).to_be_visible()
    page.get_by_role("link", name="All collections").click()
    page.get_by_role("link", name="Spring <2026>").click()
    page.get_by_text("Delete this collection").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("link", name="Spring <2026>")).to_have_count(0)
    page.close()


def test_what_is_no_archive_and_a_name_that_is_taken_are_explained(
    chromium: Browser, admin_address: str, archive: Path, photo: Path
) -> None:
    page = opened(chromium, admin_address)
    sign_in(page)
    create(page, "Broken", photo)
    expect(page.get_by_role("alert")).to_contain_text("photo.png is no whole ZIP")
    create(page, "Autumn", archive)
    page.get_by_role("link", name="All collections").click()
    create(page, "autumn", archive)
    expect(page.get_by_role("alert")).to_contain_text("There is a collection 'Autumn' already")
    page.close()


def test_an_import_is_cancelled(chromium: Browser, admin_address: str, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(300):
            packed.writestr(f"{number}.png", picture(number))
    page = opened(chromium, admin_address)
    sign_in(page)
    create(page, "Many", path)
    expect(page.get_by_role("progressbar", name="Import")).to_be_visible()
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.get_by_role("status")).to_have_text(
        "The import of many.zip was cancelled.", timeout=PATIENCE_MS
    )
    page.close()


def test_the_overview_follows_an_import_by_itself(
    chromium: Browser, admin_address: str, tmp_path: Path
) -> None:
    path = tmp_path / "lively.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(60):
            packed.writestr(f"{number}.png", picture(number))
    page = opened(chromium, admin_address)
    sign_in(page)
    create(page, "Lively", path)
    page.goto("/admin")
    jobs = page.get_by_role("region", name="Jobs")
    expect(jobs.get_by_role("status")).to_have_text("1 import under way")
    loaded = page.evaluate("performance.timeOrigin")
    with page.expect_response(lambda answer: answer.status == 502):  # the server restarts
        page.route("**/*", lambda it: it.fulfill(status=502, body="<h1>Bad Gateway</h1>"), times=1)
    expect(jobs.get_by_role("status")).to_have_text("No import is under way.", timeout=PATIENCE_MS)
    expect(jobs.get_by_role("listitem").first).to_contain_text("60 products: 60 added")
    assert page.evaluate("performance.timeOrigin") == loaded
    page.close()


@SCRIPT
def test_a_photo_is_tried_then_another_item_of_it(
    chromium: Browser, admin_address: str, script: bool
) -> None:
    page = opened(chromium, admin_address, script=script)
    tried(page)
    expect(page.get_by_role("heading", name="12 products")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^embed"))).to_contain_text(" ms")
    page.get_by_role("button", name="Whole picture").click()
    expect(page.get_by_role("listitem").last).to_contain_text("searched")
    page.close()


def test_what_an_import_could_not_use_is_downloaded(chromium: Browser, admin_address: str) -> None:
    page = opened(chromium, admin_address)
    ADMIN_STATES["admin-job"](page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "line,code,reason"
    assert len(lines) == 3
    page.close()


@pytest.mark.parametrize("state", ADMIN_STATES)
def test_axe_finds_nothing_in_any_state_and_all_of_it_fits(
    chromium: Browser, admin_address: str, state: str
) -> None:
    width, height = PHONE
    page = chromium.new_page(
        base_url=admin_address,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    ADMIN_STATES[state](page)
    for width, height in (PHONE, DESKTOP):
        assert fits(page, width, height)
        assert not violations_in_light_and_dark(page)
    for width in (320, 640):
        assert fits(page, width)
    page.context.close()
