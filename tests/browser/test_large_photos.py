"""Photos of phones are made smaller before they are sent; what is found in them stays the same."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from features.extractors import load_extractor
from features.images import decode
from tests.browser.large_photos import phone_photo, photos_sent


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return phone_photo(tmp_path_factory.mktemp("phone") / "IMG_0001.jpg")


def test_a_phones_photo_is_sent_in_a_part_of_its_bytes_and_upright(page: Page, photo: Path) -> None:
    sent = photos_sent(page)
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    expect(page.locator(".product").first).to_contain_text("Mug")
    (only,) = sent
    assert (only["name"], only["sides"]) == (photo.name, [1536, 2048])
    assert only["bytes"] < photo.stat().st_size / 3


def test_what_is_sent_has_the_vector_of_the_photo(page: Page, photo: Path) -> None:
    sent = photos_sent(page)
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    expect(page.locator(".product").first).to_contain_text("Mug")
    extractor = load_extractor()
    pictures = [photo.read_bytes(), sent[0]["content"]]
    whole, smaller = extractor.embed([decode(it, detail=extractor.detail) for it in pictures])
    assert whole @ smaller > 0.998


def test_a_photo_above_the_limit_is_made_to_fit_it(page: Page, tmp_path: Path) -> None:
    large = phone_photo(tmp_path / "large.jpg", (9_000, 5_000))
    large.write_bytes(large.read_bytes() + bytes(max(0, 20_000_001 - large.stat().st_size)))
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(large)
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_photo_that_is_small_is_sent_as_it_is(page: Page, tmp_path: Path) -> None:
    small = phone_photo(tmp_path / "small.jpg", (900, 1_200))
    sent = photos_sent(page)
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(small)
    expect(page.locator(".product").first).to_contain_text("Mug")
    assert [photo["bytes"] for photo in sent] == [small.stat().st_size]


def test_a_search_that_is_given_up_while_its_photo_is_made_smaller_is_not_sent(
    page: Page, photo: Path
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.add_init_script("window.createImageBitmap = () => new Promise(done => { go = done; })")
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    page.get_by_role("button", name="Cancel").click()
    page.evaluate("go(null)")
    expect(page.get_by_label("Choose a photo")).to_be_focused()
    expect(page).to_have_url(re.compile("/$"))
    assert "POST" not in sent


# What browsers do with canvases that may not tell pages which machine draws them, or that are full.
PROTECTED = """
const noise = (data) => data.map(() => Math.floor(256 * Math.random()));
const read = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...area) {
    const seen = read.apply(this, area);
    return new ImageData(noise(seen.data), seen.width);
};
const write = HTMLCanvasElement.prototype.toBlob;
HTMLCanvasElement.prototype.toBlob = function (...how) {
    this.getContext("2d").fillRect(0, 0, this.width, this.height);
    write.apply(this, how);
};
"""
FULL = "HTMLCanvasElement.prototype.getContext = () => null"


@pytest.mark.parametrize("script", [PROTECTED, FULL], ids=["protected", "full"])
def test_a_photo_is_sent_as_it_is_where_the_browser_cannot_draw_it_as_it_is(
    page: Page, photo: Path, script: str
) -> None:
    sent = photos_sent(page)
    page.add_init_script(script)
    page.goto("/")
    page.get_by_label("Choose a photo").set_input_files(photo)
    expect(page.locator(".product").first).to_contain_text("Mug")
    assert [each["bytes"] for each in sent] == [photo.stat().st_size]
