"""Take the screenshots of the documents anew: `docs/*.webp` and `docs/states`, from the demo store.

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
from scripts.page_states import STATES, State, at

DOCS = ROOT / "docs"
DESKTOP = (1280, 860)
PHONE = (390, 844)
Shot = tuple[State, tuple[int, int], str]
PICTURES: dict[str, Shot] = {
    "first-page": (at("/"), DESKTOP, "light"),
    "results": (at("/search?example=mug-on-counter"), DESKTOP, "light"),
    "results-phone": (at("/search?example=sneaker-on-pavement"), PHONE, "light"),
    "states/results-dark": (at("/search?example=scene-living-room"), DESKTOP, "dark"),
    **{f"states/{name}": (state, PHONE, "light") for name, state in STATES.items()},
}


def main() -> int:
    """Write every picture."""
    chromium = find_browser()
    if chromium is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    (DOCS / "states").mkdir(parents=True, exist_ok=True)
    examples = str(SAMPLE / "photos.csv")
    with (
        live_server(STORE=str(STORE), EXAMPLES=examples) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, shot in PICTURES.items():
            _take(browser, server.address, shot, DOCS / f"{name}.webp")
        browser.close()
    return 0


def _take(browser: Browser, address: str, shot: Shot, target: Path) -> None:
    state, (width, height), scheme = shot
    page = browser.new_page(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    state(page)
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").save(target, quality=82, method=6)
    page.context.close()
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
