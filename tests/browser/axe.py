"""What axe-core finds wrong with a page."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# The size of targets, of WCAG 2.2, is off unless asked for.
_OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
_RUN = "options => axe.run(options).then(({ violations }) => ({ violations }))"
PHONE, DESKTOP = (390, 844), (1280, 860)


def violations(page: Page) -> str:
    """What a page should not have, in words; nothing where all is well."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_RUN, _OPTIONS))
    return str(found.generate_report()) if found.violations_count else ""


def violations_in_light_and_dark(page: Page) -> str:
    """The same of a page in both colour schemes."""
    found = ""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if problems := violations(page):
            found += f"{scheme}: {problems}"
    return found


def violations_in_any_look(page: Page) -> str:
    """The same on a phone and on a desktop, in the light and in the dark.

    It is one page that is looked at: styles alone answer to the screen (test_page_states.py).
    """
    found = ""
    for width, height in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        if problems := violations_in_light_and_dark(page):
            found += f"{width} pixels, {problems}"
    return found


def fits(page: Page, width: int, height: int = 600) -> bool:
    """Whether nothing of a page scrolls sideways in a window of that size."""
    page.set_viewport_size({"width": width, "height": height})
    needed: int = page.evaluate("document.documentElement.scrollWidth")
    return needed <= width
