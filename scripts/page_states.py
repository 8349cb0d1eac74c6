"""The states of the shopper's page and the owner's: documents show them, tests look at each."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, Page, Route

from scripts.bootstrap import ROOT

State = Callable[[Page], None]
PHOTO = ROOT / "static" / "sample" / "photos" / "mug-on-counter.webp"
RESULTS = "/search?example=mug-on-counter"
ADMIN_KEY = "the key of these pages"
_LONG_S = 60
_ARCHIVE, _COLLECTION = "shop-window.zip", "Shop window"


def at(address: str) -> State:
    """What an address shows."""

    def state(page: Page) -> None:
        page.goto(address)
        page.wait_for_load_state("networkidle")

    return state


def recent(page: Page) -> None:
    """The first page of somebody who was here before."""
    for address in (RESULTS, "/search?q=blue+vase", "/search?example=scene-living-room"):
        page.goto(address)
        page.wait_for_function(
            "query => (localStorage['visual-search:recent'] ?? '').includes(query)",
            arg=address.partition("?")[2],
        )
    at("/")(page)


def open_filter(page: Page) -> None:
    """The values of a filter."""
    at(RESULTS)(page)
    unfold(page)
    page.locator(".filter summary").first.click()


def searching(page: Page) -> None:
    """A photo was chosen, and the server has not answered yet."""
    at("/")(page)
    page.route("**/search", _wait)
    choose(page, PHOTO)
    page.locator(".scan img").wait_for()


def slow(page: Page) -> None:
    """The answer takes longer than it should."""
    page.clock.install()
    searching(page)
    page.clock.fast_forward(5_000)
    page.get_by_text(_words(page, "slow")).wait_for()


def offline(page: Page) -> None:
    """There is no network."""
    at("/")(page)
    page.context.set_offline(True)
    choose(page, PHOTO)
    page.get_by_text(_words(page, "offline")).wait_for()


def busy(page: Page) -> None:
    """The server has too much to do, and says when to come again."""
    at("/")(page)
    headers = {"Retry-After": str(_LONG_S)}
    page.route("**/search", lambda route: route.fulfill(status=503, headers=headers))
    choose(page, PHOTO)
    page.get_by_text(_words(page, "busy")).wait_for()


def refused(page: Page) -> None:
    """The file is no picture."""
    at("/")(page)
    choose(page, Path(__file__))
    page.locator("[data-problem]:not(:empty)").first.wait_for()


def no_items(page: Page) -> None:
    """Nothing stands out in the photo."""
    at("/")(page)
    wall = io.BytesIO()
    Image.new("RGB", (480, 360), "#b8c4c0").save(wall, "PNG")
    choose(page, {"name": "wall.png", "mimeType": "image/png", "buffer": wall.getvalue()})
    page.locator(".asked .notice").wait_for()
    page.wait_for_load_state("networkidle")


def removed(page: Page) -> None:
    """A product of the answer left the shop since."""
    at(RESULTS)(page)
    picture = page.locator(".product img").first
    picture.evaluate("it => { it.srcset = ''; it.src = `/pictures/${'0'.repeat(32)}/320`; }")
    page.locator(".product[data-gone]").wait_for()


def unfold(page: Page) -> None:
    """Show what refines results; it is folded on narrow screens."""
    summary = page.locator(".controls > summary")
    if summary.is_visible():
        summary.click()


def signed_in(page: Page) -> None:
    """The owner's overview."""
    page.goto("/admin")
    if page.get_by_label("Admin key").is_visible():
        page.get_by_label("Admin key").fill(ADMIN_KEY)
        page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    page.wait_for_load_state("networkidle")


def imported(page: Page) -> None:
    """An import that is over, and could not use all."""
    signed_in(page)
    page.goto("/admin/jobs")
    if not page.get_by_role("link", name=_ARCHIVE).count():
        page.goto("/admin")
        _send_archive(page)
        page.goto("/admin/jobs")
    page.get_by_role("link", name=_ARCHIVE).click()
    page.get_by_text("Done").wait_for()


def collection(page: Page) -> None:
    """A collection of the owner's."""
    imported(page)
    page.goto("/admin#collections")
    page.get_by_role("link", name=_COLLECTION, exact=True).click()
    page.wait_for_load_state("networkidle")


def tried(page: Page) -> None:
    """What the owner tried."""
    signed_in(page)
    form = page.locator(".try-form")
    form.locator("[type=file]").set_input_files(PHOTO)
    form.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="What the photo finds").wait_for()
    page.wait_for_load_state("networkidle")


def _send_archive(page: Page) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(PHOTO, PHOTO.name)
        packed.writestr("torn.webp", PHOTO.read_bytes()[:500])
        packed.writestr("list.txt", "two pictures")
    page.get_by_label("Name").fill(_COLLECTION)
    sent: FilePayload = {
        "name": _ARCHIVE,
        "mimeType": "application/zip",
        "buffer": archive.getvalue(),
    }
    page.get_by_label("ZIP of pictures").set_input_files(sent)
    page.get_by_role("button", name="Create collection").click()
    page.get_by_text("is imported").wait_for(timeout=60_000)


def choose(page: Page, file: Path | FilePayload) -> None:
    """Choose a file to search with."""
    page.locator("[data-upload] input").first.set_input_files(file)


def _words(page: Page, name: str) -> str:
    """What the page says while it waits, in its language, up to the seconds in it."""
    words = page.locator("#waiting").get_attribute(f"data-{name}") or name
    return words.partition("{")[0].strip()


def _wait(route: Route) -> None:
    """Never answer."""


STATES: Mapping[str, State] = {
    "first-visit": at("/"),
    "recent": recent,
    "searching": searching,
    "slow": slow,
    "offline": offline,
    "busy": busy,
    "refused": refused,
    "results": at("/search?example=scene-living-room"),
    "no-items": no_items,
    "filter": open_filter,
    "refined": at(f"{RESULTS}&filter=availability:in_stock&filter=price:5,100&text=white"),
    "nothing-found": at(f"{RESULTS}&threshold=100&filter=brand:Lumo"),
    "alike": at("/search?product=mug-001"),
    "removed": removed,
    "product-gone": at("/search?product=no-such-product"),
    "photo-gone": at("/search?photo=" + 32 * "a"),
    "words": at("/search?q=mug"),
    "no-such-words": at("/search?q=telescope"),
    "no-such-page": at("/nothing"),
}
# Of a server whose admin key is `ADMIN_KEY`.
ADMIN_STATES: Mapping[str, State] = {
    "admin-sign-in": at("/admin"),
    "admin-job": imported,
    "admin-collection": collection,
    "admin-overview": signed_in,
    "admin-tried": tried,
}
