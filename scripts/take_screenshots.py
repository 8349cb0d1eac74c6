"""Take the screenshots of the documents anew: `docs/*.webp` and `docs/states`, from the demo store.

All of them, or those that are named: `take_screenshots.py states/results`. Needs the demo store
(`scripts/demo.py` makes it), Chromium, and requirements-dev.txt.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import ROOT, find_browser, use_project_python

if __name__ == "__main__":
    use_project_python()

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts.demo import SAMPLE, STORE
from scripts.live_server import live_server
from scripts.page_states import ADMIN_KEY, ADMIN_STATES, STATES, State, at

DOCS = ROOT / "docs"
DESKTOP = (1280, 860)
PHONE = (390, 844)
_EVALUATE = ("scripts/evaluate.py", "--sample", "100")
Shot = tuple[State, tuple[int, int], str]
PICTURES: dict[str, Shot] = {
    "first-page": (at("/"), DESKTOP, "light"),
    "results": (at("/search?example=mug-on-counter"), DESKTOP, "light"),
    "results-phone": (at("/search?example=sneaker-on-pavement"), PHONE, "light"),
    "states/results-dark": (at("/search?example=scene-living-room"), DESKTOP, "dark"),
    **{f"states/{name}": (state, PHONE, "light") for name, state in STATES.items()},
    **{f"states/{name}": (state, DESKTOP, "light") for name, state in ADMIN_STATES.items()},
    "states/admin-overview-phone": (ADMIN_STATES["admin-overview"], PHONE, "dark"),
    "states/admin-tried-phone": (ADMIN_STATES["admin-tried"], PHONE, "light"),
}


def main() -> int:
    """Write every picture, or those that are named."""
    chromium = find_browser()
    if chromium is None:
        sys.exit("no Chromium on this machine: apt-get install chromium")
    (DOCS / "states").mkdir(parents=True, exist_ok=True)
    wanted = _wanted(sys.argv[1:])
    with _shop() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, shot in wanted.items():
            _take(browser, address, shot, DOCS / f"{name}.webp")
        browser.close()
    return 0


def _wanted(names: list[str]) -> dict[str, Shot]:
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        sys.exit(f"there is no picture {unknown[0]!r}; there are {', '.join(PICTURES)}")
    return {name: PICTURES[name] for name in names or PICTURES}


@contextmanager
def _shop() -> Iterator[str]:
    """The address of a server over a copy of the demo store: its owner makes a collection."""
    # Beside the demo store: it knows its pictures by their place from there.
    with tempfile.TemporaryDirectory(prefix=".screenshots-", dir=STORE.parent) as folder:
        store = shutil.copytree(STORE, folder, dirs_exist_ok=True)
        report = [*_EVALUATE, "--store", str(store), "--report", f"{store}/evaluation.html"]
        subprocess.run([sys.executable, *report], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        examples = str(SAMPLE / "photos.csv")
        with live_server(STORE=str(store), EXAMPLES=examples, ADMIN_KEY=ADMIN_KEY) as server:
            yield server.address


def _take(browser: Browser, address: str, shot: Shot, target: Path) -> None:
    state, (width, height), scheme = shot
    page = browser.new_page(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=(width, height) == PHONE,
    )
    state(page)
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").save(target, quality=82, method=6)
    page.context.close()
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
