"""The page that shows the API, in a real browser: it renders under its content policy."""

from playwright.sync_api import Page, expect


def test_the_page_shows_the_operations_and_asks_no_other_host(
    page: Page, shop_address: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs")
    expect(
        page.get_by_role("heading", name="Search with photos, products and words")
    ).to_be_visible()
    expect(page.get_by_role("heading", name="Import a feed")).to_be_visible()
    assert asked
    assert all(address.startswith((shop_address, "data:", "blob:")) for address in asked)
