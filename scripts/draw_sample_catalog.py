"""Draws the sample catalogue of the demo store: `python scripts/draw_sample_catalog.py`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.sample.catalog import write_catalog  # noqa: E402


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw the sample products and photos.")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "static" / "sample", help="folder to write to"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes that draw at once")
    options = parser.parse_args()
    count = write_catalog(options.out, options.workers)
    size = sum(path.stat().st_size for path in options.out.glob("*/*.webp"))
    print(f"{count} pictures, {size / 1e6:.2f} MB, in {options.out}")


if __name__ == "__main__":
    main()
