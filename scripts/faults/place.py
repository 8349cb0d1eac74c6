"""A small true shop of the sample's products."""

import csv
import shutil
from pathlib import Path

from features.catalog import read_catalog
from features.extractors import DEFAULT_EXTRACTOR, Extractor, load_extractor
from features.pictures import PictureFolder, PictureSource
from features.pipeline import build_store
from features.store import StoreSet
from scripts.bootstrap import ROOT

SAMPLE = ROOT / "static" / "sample"
PRODUCTS = 40


class Place:
    """A folder with a catalogue, its pictures, and stores."""

    def __init__(self, folder: Path, extractor: Extractor) -> None:
        """Nothing is made yet."""
        self.folder = folder
        self.stores = StoreSet(folder / "stores")
        self.extractor = extractor

    @classmethod
    def made(cls, folder: Path) -> "Place":
        """Embed the sample's first products, in two segments."""
        place = cls(folder, load_extractor())
        for products in (PRODUCTS // 2, PRODUCTS):
            place.fill(place.store, place.publish(products))
        place.stores.add(DEFAULT_EXTRACTOR, place.store)
        return place

    def copied_to(self, folder: Path) -> "Place":
        """The same shop in another folder."""
        return Place(shutil.copytree(self.folder, folder), self.extractor)

    @property
    def store(self) -> Path:
        """The store of the default extractor."""
        return self.folder / "stores" / DEFAULT_EXTRACTOR

    def publish(self, products: int, *, first: int = 0) -> Path:
        """The catalogue of some products, with a picture each."""
        with (SAMPLE / "catalog.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["id"]: row for row in reversed(list(csv.DictReader(file)))}
        chosen = [rows[key] for key in sorted(rows)[first : first + products]]
        (self.folder / "products").mkdir(parents=True, exist_ok=True)
        feed = self.folder / "catalog.csv"
        with feed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, chosen[0].keys())
            writer.writeheader()
            for row in chosen:
                shutil.copyfile(SAMPLE / row["image"], self.folder / row["image"])
                writer.writerow(row)
        return feed

    def fill(self, store: Path, feed: Path) -> None:
        """Bring a store up to date with a catalogue."""
        source = PictureSource(PictureFolder(self.folder))
        build_store(read_catalog(feed), source, store, self.extractor)
