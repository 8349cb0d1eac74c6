"""Take the screenshots of the documents anew: `docs/*.webp`, from the demo store.

Needs the demo store (`scripts/demo.py` makes it), Chromium, and requirements-dev.txt.
"""

import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import ROOT, find_browser, use_project_python

if __name__ == "__main__":
    use_project_python()

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts.demo import SAMPLE, STORE
from scripts.live_server import live_server

DOCS = ROOT / "docs"
DESKTOP = (1280, 860)
PHONE = (390, 844)
PICTURES = {
    "first-page": ("/", DESKTOP),
    "results": ("/search?example=mug-on-counter", DESKTOP),
    "results-phone": ("/search?example=sneaker-on-pavement", PHONE),
}


def main() -> int:
    """Write every picture."""
    chromium = find_browser()
    if chromium is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    DOCS.mkdir(exist_ok=True)
    examples = str(SAMPLE / "photos.csv")
    with (
        live_server(STORE=str(STORE), EXAMPLES=examples) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (path, size) in PICTURES.items():
            _take(browser, server.address + path, size, DOCS / f"{name}.webp")
        browser.close()
    return 0


def _take(browser: Browser, address: str, size: tuple[int, int], target: Path) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(target, quality=82, method=6)
    page.close()
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
