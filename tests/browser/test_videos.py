"""A shopper searches with a video, and sees products that have one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, expect

from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pictures import PictureSource, Vault
from features.pipeline import build_store
from scripts.clips import AVI, MOV, pan, write_clip
from scripts.live_server import live_server
from tests.helpers import drawing, encoded
from tests.shop import SAMPLE

SIZE = (320, 240)


@pytest.fixture
def mug_clip(tmp_path: Path) -> Path:
    mug = Pillow.open(SAMPLE / "products" / "mug-001.webp").convert("RGB")
    return write_clip(tmp_path / "mug.mov", pan(mug, SIZE, 20), MOV)


def test_a_video_is_searched_and_shown_by_its_best_frame(page: Page, mug_clip: Path) -> None:
    page.goto("/")
    page.get_by_label("or a video").set_input_files(mug_clip)
    expect(page.get_by_role("heading", level=1)).to_contain_text("look like your video")
    expect(page.locator(".product").first).to_contain_text("Mug")
    expect(page.get_by_text("the frame that shows it best")).to_be_visible()
    shown = page.get_by_alt_text("Your video")
    page.wait_for_function("img => img.complete", arg=shown.element_handle())
    assert shown.evaluate("img => img.naturalWidth") == SIZE[0]


def test_an_area_of_the_best_frame_can_be_chosen(page: Page, mug_clip: Path) -> None:
    page.goto("/")
    page.get_by_label("or a video").set_input_files(mug_clip)
    page.get_by_text("Choose an area yourself").click()
    page.get_by_label("Left %").fill("20")
    page.get_by_role("button", name="Search this area").click()
    expect(page.locator("[data-status-line]")).to_contain_text("for the chosen area")
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_video_is_searched_without_javascript(plain_page: Page, mug_clip: Path) -> None:
    plain_page.goto("/")
    plain_page.get_by_label("or a video").set_input_files(mug_clip)
    plain_page.get_by_role("button", name="Find similar products").click()
    expect(plain_page.locator(".product").first).to_contain_text("Mug")


def test_a_video_that_is_damaged_is_explained(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypisom" + b"rubbish" * 99)
    page.goto("/")
    page.get_by_label("or a video").set_input_files(broken)
    expect(page.get_by_role("alert")).to_contain_text("video is damaged")


@pytest.fixture
def clips_address(tmp_path: Path) -> Iterator[str]:
    """A shop whose catalogue is a folder of clips."""
    write_clip(tmp_path / "clips" / "boot.avi", pan(drawing(2, SIZE), SIZE, 50), AVI)
    catalog = read_catalog(tmp_path / "clips")
    store = tmp_path / "store"
    source = PictureSource(catalog.pictures, Vault(store / "pictures"))
    build_store(catalog, source, store, load_extractor())
    folders = {name: str(tmp_path / name) for name in ("PHOTOS", "THUMBNAILS")}
    with live_server(STORE=str(store), DETECTOR="none", **folders) as server:
        yield server.address


def test_a_product_shows_its_videos_best_frame_and_when_that_is(
    chromium: Browser, clips_address: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(encoded(drawing(2, SIZE)))
    page = chromium.new_page(base_url=clips_address)
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    card = page.locator(".product").first
    expect(card).to_contain_text("Boot")
    expect(card.locator(".product-video")).to_contain_text("Video, at 0:0")
    shown = card.locator("img")
    page.wait_for_function("img => img.complete", arg=shown.element_handle())
    assert shown.evaluate("img => img.naturalWidth") > 0
    page.close()
