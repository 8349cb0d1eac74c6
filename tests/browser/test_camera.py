"""A shopper takes a photo in the page; where there is no camera to be had, there are the files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.bootstrap import find_browser
from tests.browser.axe import violations_in_light_and_dark
from tests.browser.chromium import launched

# Keeps a hand on every stream that the page asks for, so that a test can see whether it ended.
WATCH = """
    const devices = navigator.mediaDevices, original = devices.getUserMedia.bind(devices);
    window.streams = [];
    devices.getUserMedia = async (wanted) => {
        const stream = await original(wanted);
        window.streams.push(stream);
        return stream;
    };
"""


@pytest.fixture
def photographer(page: Page) -> Page:
    """A page that may use the camera."""
    page.context.grant_permissions(["camera"])
    page.add_init_script(WATCH)
    page.goto("/")
    return page


@pytest.fixture(scope="module")
def bare_browser(chromium: Browser) -> Iterator[Browser]:
    """A browser without a camera, which knows the shop by a name of the network, too."""
    names = ("--no-proxy-server", "--host-resolver-rules=MAP shop.test 127.0.0.1")
    browser = launched(chromium.browser_type, find_browser(), 0, *names)
    yield browser
    browser.close()


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Take a photo").click()
    return page.get_by_role("dialog", name="Take a photo")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def live_cameras(page: Page) -> int:
    count = page.evaluate("window.streams.filter((stream) => stream.active).length")
    assert isinstance(count, int)
    return count


def test_a_photo_is_taken_retaken_and_used(photographer: Page) -> None:
    dialog = opened(photographer)
    expect(dialog.get_by_role("status")).to_have_text("The camera is on.")
    assert dialog.locator("video").evaluate("video => video.videoWidth") > 0
    button(photographer, "Take photo").click()
    expect(dialog.get_by_role("img", name="The photo you took")).to_be_visible()
    expect(dialog.locator("video")).to_be_hidden()
    button(photographer, "Retake").click()
    expect(dialog.locator("video")).to_be_visible()
    button(photographer, "Take photo").click()
    button(photographer, "Use this photo").click()
    photographer.wait_for_url("**/search?photo=*")
    expect(photographer.get_by_role("heading", level=1)).to_contain_text("look like your photo")
    expect(photographer.locator(".product").first).to_be_visible()
    shown = photographer.get_by_alt_text("Your photo")
    photographer.wait_for_function("img => img.complete", arg=shown.element_handle())
    assert shown.evaluate("img => img.naturalWidth") > 0


@pytest.mark.parametrize("size", [(844, 390), (640, 430), (1280, 500), (390, 844), (1280, 860)])
def test_nothing_covers_the_camera_s_picture(photographer: Page, size: tuple[int, int]) -> None:
    """Held sideways, too, and in a window at 200 %."""
    width, height = size
    photographer.set_viewport_size({"width": width, "height": height})
    dialog = opened(photographer)
    expect(dialog.get_by_role("status")).to_have_text("The camera is on.")
    picture = dialog.locator(".camera-picture").bounding_box()
    line = dialog.get_by_role("status").bounding_box()
    assert picture is not None and line is not None
    assert picture["height"] >= 150 and picture["y"] + picture["height"] <= line["y"]
    expect(button(photographer, "Take photo")).to_be_in_viewport(ratio=1)


def test_the_button_that_takes_a_photo_is_as_large_as_a_fingertip(page: Page, wide: None) -> None:
    page.goto("/")
    size = button(page, "Take a photo").bounding_box()
    assert size is not None and size["height"] >= 44


def test_the_keyboard_alone_takes_a_photo(photographer: Page) -> None:
    photographer.get_by_role("button", name="Take a photo").focus()
    photographer.keyboard.press("Enter")
    expect(button(photographer, "Take photo")).to_be_focused()
    photographer.keyboard.press("Enter")
    expect(button(photographer, "Use this photo")).to_be_focused()
    photographer.keyboard.press("Tab")
    expect(button(photographer, "Retake")).to_be_focused()
    photographer.keyboard.press("Enter")
    expect(button(photographer, "Take photo")).to_be_focused()
    photographer.keyboard.press("Escape")
    expect(photographer.get_by_role("dialog")).to_be_hidden()
    expect(photographer.get_by_role("button", name="Take a photo")).to_be_focused()


def test_the_camera_goes_off_when_the_dialog_closes(photographer: Page) -> None:
    opened(photographer)
    expect(button(photographer, "Take photo")).to_be_visible()
    assert live_cameras(photographer) == 1
    button(photographer, "Close").click()
    photographer.wait_for_function("() => window.streams.every((stream) => !stream.active)")
    expect(photographer.get_by_role("dialog")).to_be_hidden()


def test_a_dialog_that_closes_before_the_camera_is_on_leaves_it_off(photographer: Page) -> None:
    opened(photographer)
    photographer.keyboard.press("Escape")
    photographer.wait_for_function("() => window.streams.length === 1")
    photographer.wait_for_function("() => window.streams.every((stream) => !stream.active)")
    expect(photographer.get_by_role("dialog")).to_be_hidden()


def test_the_camera_goes_off_with_a_hidden_page_and_on_with_a_shown_one(photographer: Page) -> None:
    opened(photographer)
    expect(button(photographer, "Take photo")).to_be_visible()
    turn_page(photographer, hidden=True)
    assert live_cameras(photographer) == 0
    turn_page(photographer, hidden=False)
    photographer.wait_for_function(
        "() => window.streams.at(-1).active && window.streams.length === 2"
    )
    expect(button(photographer, "Take photo")).to_be_visible()


def turn_page(page: Page, *, hidden: bool) -> None:
    """A headless browser shows all its pages; this is what one sees that is put away."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_another_camera_is_switched_to(photographer: Page) -> None:
    opened(photographer)
    button(photographer, "Switch camera").click()
    photographer.wait_for_function("() => window.streams.length === 2")
    expect(button(photographer, "Take photo")).to_be_focused()
    used = photographer.evaluate(
        "window.streams.map((stream) => stream.getVideoTracks()[0].getSettings().deviceId)"
    )
    assert len(set(used)) == 2
    assert live_cameras(photographer) == 1


def test_a_refused_camera_is_explained_and_leads_to_the_files(page: Page, mug_photo: Path) -> None:
    # The browser hands its file dialogs over some time after it is asked to; asked here, it has.
    page.on("filechooser", lambda chooser: chooser.set_files(mug_photo))
    page.goto("/")
    dialog = opened(page)
    expect(dialog.get_by_role("status")).to_contain_text("Allow it in your browser's settings")
    expect(button(page, "Choose a photo instead")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".product").first).to_contain_text("Mug")


def test_a_device_without_a_camera_says_so(bare_browser: Browser, shop_address: str) -> None:
    page = bare_browser.new_page()
    page.context.grant_permissions(["camera"])
    page.goto(shop_address)
    expect(opened(page).get_by_role("status")).to_have_text("No camera was found on this device.")
    expect(button(page, "Choose a photo instead")).to_be_visible()


def test_a_page_without_https_says_so_and_offers_the_phones_own_camera(
    bare_browser: Browser, shop_address: str, mug_photo: Path
) -> None:
    context = bare_browser.new_context(has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(shop_address.replace("127.0.0.1", "shop.test"))
    expect(opened(page).get_by_role("status")).to_contain_text("opened with https")
    app = page.get_by_label("Open the camera app")
    expect(app).to_have_attribute("capture", "environment")
    expect(page.get_by_text("Open the camera app")).to_be_visible()
    app.set_input_files(mug_photo)
    expect(page.locator(".product").first).to_contain_text("Mug")
    context.close()


def test_without_javascript_there_is_the_file_field_alone(plain_page: Page) -> None:
    plain_page.goto("/")
    expect(plain_page.get_by_label("Choose a photo")).to_be_visible()
    expect(plain_page.get_by_text("Take a photo", exact=True).first).to_be_hidden()
    expect(plain_page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.slow
def test_axe_finds_nothing_in_the_dialog(photographer: Page) -> None:
    opened(photographer)
    for name in ("Take photo", "Use this photo"):
        expect(button(photographer, name)).to_be_visible()
        assert not violations_in_light_and_dark(photographer)
        button(photographer, "Take photo").click() if name == "Take photo" else None


def test_the_camera_is_allowed_to_the_page_itself_and_to_no_frame(page: Page) -> None:
    answered = page.goto("/")
    assert answered is not None and "camera=(self)" in answered.headers["permissions-policy"]
    framed = page.request.get("/embed/search")
    assert "camera=()" in framed.headers["permissions-policy"]
