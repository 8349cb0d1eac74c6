"""A shop in a folder: its feed, its pictures, its stores, and every way to change them."""

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from features.catalog import read_catalog
from features.changes import CatalogEditor
from features.errors import StoreNotFoundError, VisualSearchError
from features.extractors import extractor_names
from features.index import build_index
from features.pictures import PictureFolder, PictureSource, Vault
from features.pipeline import build_store
from features.similarity import CALIBRATION
from features.store import MANIFEST, StoreSet, StoreView, StoreWriter, open_store
from features.sync import SyncOptions, sync_stores
from features.types import Product
from scripts.crashes.drawings import Drawings
from scripts.crashes.state import State, Thing
from scripts.crashes.steps import Step

_KEPT_BESIDE = {MANIFEST, ".lock", CALIBRATION}
_DRAFTS = f".{CALIBRATION}.*"  # no writer knows whether somebody calibrates


class WrongStoreError(VisualSearchError):
    """A store holds what nobody put there."""

    code = "wrong_store"


class Shop:
    """Everything goes through the code that the scripts and the server use."""

    def __init__(self, folder: Path, drawings: Drawings) -> None:
        self.folder = folder
        self.drawings = drawings
        self.stores = StoreSet(folder / "stores")
        self.name = drawings.extractor.spec.name
        self._vault = Vault(self.stores.pictures_folder)
        self._source = PictureSource(PictureFolder(folder), self._vault)

    def perform(self, step: Step) -> None:
        """One step; it is committed when this returns."""
        if step.action == "import":
            self.follow(step.after)
        elif step.action in ("put", "words"):
            self._put(step)
        elif step.action == "delete":
            self._editor().delete(step.product)
        elif step.action == "compact":
            self._compact()
        elif step.action == "swap":
            self._swap(step.after)
        else:
            self.stores.roll_back()

    def follow(self, state: State) -> None:
        """Publish a feed, and bring the store up to date with it."""
        feed = self._publish(state)
        if self.name in extractor_names():
            sync_stores(self.stores, read_catalog(feed), SyncOptions(extractors=(self.name,)))
            return
        place = self.stores.place_for(self.name)
        try:
            self._build(feed, place)
        finally:
            if (place / MANIFEST).exists():
                self.stores.add(self.name, place)

    def found(self) -> State:
        """What the store holds, as a search finds it.

        Raises:
            WrongStoreError: a row is torn, stands there twice, or belongs to nothing.
        """
        try:
            view = open_store(self.stores.folder_of(self.name), self.drawings.extractor.spec)
        except StoreNotFoundError:
            return {}
        self._check_search(view)
        pictures: dict[str, dict[str, int]] = {}
        for row in np.flatnonzero(view.live).tolist():
            self._add_row(view, row, pictures)
        return {key: Thing(_title(view, key), pictures[key]) for key in pictures}

    def tidy(self) -> None:
        """Open the store for writing, after which nothing of an interrupted writer may be left.

        Raises:
            WrongStoreError: a file lies there that the manifest does not name.
        """
        for left in self.stores.abandoned():
            shutil.rmtree(left)
        try:
            folder = self.stores.folder_of(self.name)
        except StoreNotFoundError:
            return
        with StoreWriter(folder, self.drawings.extractor.spec) as writer:
            named = {file.name for file in writer.view().manifest.files}
        there = {path.name for path in folder.iterdir() if not path.match(_DRAFTS)}
        left_over = there - named - _KEPT_BESIDE
        if left_over:
            raise WrongStoreError(f"left in {folder}: {sorted(left_over)}")

    def _publish(self, state: State) -> Path:
        """Files appear whole, as from a shop system that knows its work."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for thing in state.values():
            self._write_pictures(thing.pictures)
        feed = self.folder / "feed.csv"
        draft = self.folder / ".feed"
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "title", "image"])
            for key, thing in state.items():
                writer.writerows((key, thing.title, location) for location in thing.pictures)
        draft.replace(feed)
        return feed

    def _write_pictures(self, pictures: Mapping[str, int]) -> None:
        for location, number in pictures.items():
            data = self.drawings.data[number]
            if location.startswith("upload:"):
                self._vault.put(data)
                continue
            path = self.folder / location
            if not path.exists() or path.read_bytes() != data:
                draft = self.folder / ".picture"
                draft.write_bytes(data)
                draft.replace(path)

    def _build(self, feed: Path, place: Path) -> None:
        stamps = self.stores.pictures_folder / "stamps.sqlite"
        build_store(read_catalog(feed), self._source, place, self.drawings.extractor, stamps=stamps)

    def _put(self, step: Step) -> None:
        thing = step.after[step.product]
        product = Product(step.product, title=thing.title)
        if step.action == "words":
            self._editor().put(product, None)
        else:
            self._write_pictures(thing.pictures)
            self._editor().put(product, list(thing.pictures))

    def _editor(self) -> CatalogEditor:
        return CatalogEditor(
            self.stores, lambda _: self.drawings.extractor, self._source, self._vault
        )

    def _compact(self) -> None:
        folder = self.stores.folder_of(self.name)
        with StoreWriter(folder, self.drawings.extractor.spec, purpose="compacting") as writer:
            writer.compact(everything=True)

    def _swap(self, state: State) -> None:
        for left in self.stores.abandoned():
            shutil.rmtree(left)
        place = self.stores.new_place(self.name)
        self._build(self._publish(state), place)
        self.stores.swap_in(self.name, place)

    def _add_row(self, view: StoreView, row: int, pictures: dict[str, dict[str, int]]) -> None:
        picture = view.pictures[row]
        mine = pictures.setdefault(picture.product_id, {})
        if picture.location in mine:
            raise WrongStoreError(f"{picture} stands there twice")
        number = self.drawings.number_of.get(picture.content_hash)
        if number is None or not self._is_vector_of(number, view, row):
            raise WrongStoreError(f"{picture} has a vector that is not its own")
        if picture.location.startswith("upload:"):
            self._vault.get(picture.content_hash)
        mine[picture.location] = number

    def _is_vector_of(self, number: int, view: StoreView, row: int) -> bool:
        return np.allclose(view.vector(row), self.drawings.vectors[number], atol=1e-5)

    def _check_search(self, view: StoreView) -> None:
        """The nearest picture of every picture that can be found is one of the same content."""
        rows = np.flatnonzero(view.live)
        index = build_index(view.blocks)
        for row, nearest in zip(
            rows.tolist(), index.search(view.vectors(rows), 1, view.live), strict=True
        ):
            hit = nearest[0]
            if hit.distance or view.pictures[hit.row].content_hash != (
                view.pictures[row].content_hash
            ):
                raise WrongStoreError(f"a search for {view.pictures[row]} finds another")


def _title(view: StoreView, product_id: str) -> str:
    product = view.products.get(product_id)
    if product is None:
        raise WrongStoreError(f"nothing is known of the product {product_id} of a row")
    return product.title
