"""A small true shop: the first sample product of each category, the default extractor."""

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pipeline import build_store
from tests.helpers import pictures_in

SAMPLE = Path(__file__).resolve().parents[1] / "static" / "sample"
PRODUCTS = 12
_NO_IDS: Mapping[str, str] = MappingProxyType({})


def make_shop_store(folder: Path, ids: Mapping[str, str] = _NO_IDS) -> Path:
    """Write a feed of twelve sample products into the folder and extract it; the store's path.

    Args:
        ids: other ids than those of the sample.
    """
    with (SAMPLE / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first_of_each = {row["category"]: row for row in reversed(rows)}
    feed = folder / "catalog.csv"
    with feed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(
            {**row, "id": ids.get(row["id"], row["id"])} for row in first_of_each.values()
        )
    build_store(read_catalog(feed), pictures_in(SAMPLE), folder / "store", load_extractor())
    return folder / "store"
