"""Keeping up: what a run costs where nothing has changed, as a share of the first one's time."""

import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from features.errors import VisualSearchError
from scripts.benchmarks.table import as_table
from scripts.bootstrap import ROOT

_SIDE = 300
_SCRIPT = ROOT / "scripts" / "extract_features.py"


class RunFailedError(VisualSearchError):
    """A measured run did not do what it should."""

    code = "run_failed"


@dataclass(frozen=True)
class SyncFigures:
    """Seconds of whole commands, from the start of the process to its end."""

    products: int
    first_s: float
    unchanged_s: float

    @property
    def share(self) -> float:
        """The unchanged run's time as a share of the first one's."""
        return self.unchanged_s / self.first_s

    def as_json(self) -> dict[str, float]:
        """All figures by name."""
        return {**asdict(self), "share": self.share}

    def as_text(self) -> str:
        """Both runs, and how they compare."""
        rows = [
            ("first", f"{self.first_s:.2f}", "100 %"),
            ("nothing changed", f"{self.unchanged_s:.2f}", f"{self.share:.2%}"),
        ]
        return as_table((f"run of {self.products} products", "s", "share"), rows)


def measure_sync(products: int, runs: int = 3) -> SyncFigures:
    """Draw a catalogue with a picture of its own for each product, and extract it again and again.

    Args:
        runs: how many unchanged ones; their median counts.

    Raises:
        RunFailedError: a run failed, or an unchanged one did more than look.
    """
    with tempfile.TemporaryDirectory() as folder:
        feed = _drawn_catalog(Path(folder), products)
        store = Path(folder) / "store"
        first = _timed_run(feed, store, new=products)
        unchanged = [_timed_run(feed, store, new=0) for _ in range(runs)]
    return SyncFigures(products, first, statistics.median(unchanged))


def _drawn_catalog(folder: Path, products: int) -> Path:
    feed = folder / "catalog.csv"
    random = np.random.default_rng(0)
    with feed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "category", "price", "currency", "image"])
        for number in range(products):
            name = f"{number}.jpg"
            coarse = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Pillow.fromarray(coarse).resize((_SIDE, _SIDE)).save(folder / name, "JPEG")
            writer.writerow([f"sku-{number}", f"Product {number}", "Drawn", "9.99", "EUR", name])
    return feed


def _timed_run(feed: Path, store: Path, *, new: int) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(feed), "--store", str(store), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RunFailedError(f"the extraction failed: {done.stderr.strip()[-500:]}")
    (update,) = json.loads(done.stdout)
    if update["new_pictures"] != new:
        raise RunFailedError(f"the run embedded {update['new_pictures']} pictures, not {new}")
    return seconds
