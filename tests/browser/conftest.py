"""The system's Chromium on a real server. Without a browser these tests skip, loudly."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts.bootstrap import find_browser
from scripts.live_server import live_server
from tests.browser.chromium import launched
from tests.helpers import shared_folder
from tests.shop import SAMPLE, make_shop_store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each opens a window, some dozens: together they take minutes."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    expect.set_options(timeout=30_000)  # a loaded machine, and a server's first search, take long
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium, path, cameras=2)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_shop_store(tmp_path_factory.mktemp("shop"))
    examples = SAMPLE / "photos.csv"
    folders = {name: str(tmp_path_factory.mktemp(name)) for name in ("PHOTOS", "THUMBNAILS")}
    settings = {**folders, **detector_settings()}
    with live_server(STORE=str(store), EXAMPLES=str(examples), RESULTS="6", **settings) as server:
        yield server.address


def detector_settings() -> dict[str, str]:
    """Real YOLO weights where there are some, else the stand-in that needs none."""
    weights = shared_folder() / "models" / "yolo26n_int8_openvino_model"
    return {"DETECTOR_WEIGHTS": str(weights)} if weights.is_dir() else {"DETECTOR": "regions"}


@pytest.fixture
def page(chromium: Browser, shop_address: str) -> Iterator[Page]:
    """A fresh page; a script error on it fails the test."""
    page = chromium.new_page(base_url=shop_address, viewport={"width": 390, "height": 844})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    # A refused photo's 4xx is logged as an error by the browser; it is an answer.
    page.on(
        "console",
        lambda line: (
            errors.append(line.text)
            if line.type == "error" and "status of 4" not in line.text
            else None
        ),
    )
    yield page
    page.close()
    assert not errors


@pytest.fixture
def wide(page: Page) -> None:
    """The fresh page has the width of a desktop."""
    page.set_viewport_size({"width": 1280, "height": 860})


@pytest.fixture
def quiet_page(chromium: Browser, shop_address: str) -> Iterator[Page]:
    """A page whose network may fail: the browser logs that as an error, and it is none here."""
    context = chromium.new_context(base_url=shop_address, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_page(chromium: Browser, shop_address: str) -> Iterator[Page]:
    """A page without JavaScript."""
    page = chromium.new_page(base_url=shop_address, java_script_enabled=False)
    yield page
    page.close()


@pytest.fixture
def mug_photo() -> Path:
    return SAMPLE / "photos" / "mug-on-counter.webp"
