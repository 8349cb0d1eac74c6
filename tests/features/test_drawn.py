"""Photos drawn of a store's pictures, as vectors."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from features.adaptation import Method
from features.adapting import adapt
from features.catalog import read_catalog
from features.drawn import draw_photos
from features.errors import AdaptationError
from features.evaluation import evaluate, read_queries
from features.extractors import Extractor, load_extractor
from features.pictures import PictureSource
from features.pipeline import build_store
from features.search import open_service
from features.store import StoreSet, open_store
from tests.helpers import at_length, pictures_in, shared_folder, shop

GROCERY = shared_folder() / "data" / "grocery"


def stored(folder: Path, extractor: Extractor, products: int) -> tuple[StoreSet, PictureSource]:
    catalog, stores = shop(folder / "shop", products), StoreSet(folder / "stores")
    place = stores.place_for(extractor.spec.name)
    pictures = pictures_in(catalog.parent)
    build_store(read_catalog(catalog), pictures, place, extractor)
    stores.add(extractor.spec.name, place)
    return stores, pictures


def test_each_picture_that_is_there_is_drawn_as_often_and_always_alike(
    tmp_path: Path, extractor: Extractor
) -> None:
    stores, pictures = stored(tmp_path, extractor, 3)
    (tmp_path / "shop" / "01.png").unlink()
    view = open_store(stores.folder_of())
    drawn, again = (draw_photos(view, extractor, pictures, photos=2) for _ in range(2))
    assert [view.pictures[row].product_id for row in drawn.rows.tolist()] == ["p00", "p02"]
    assert drawn.shown.tolist() == [0, 0, 1, 1]
    assert drawn.vectors.shape == (4, extractor.spec.dim)
    np.testing.assert_array_equal(drawn.vectors, again.vectors)


def test_a_store_with_too_few_pictures_left_is_told_so(
    tmp_path: Path, extractor: Extractor
) -> None:
    stores, _ = stored(tmp_path, extractor, 1)
    with pytest.raises(AdaptationError, match="--supervised none"):
        adapt(stores)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not GROCERY.is_dir(), reason="the photos of groceries are not here")
def test_shop_pictures_are_found_by_photos_better_than_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough = partial(draw_photos, photos=at_length(24, 8))  # of each, for the figures below
    monkeypatch.setattr("features.adapting.draw_photos", enough)
    extractor, stores = load_extractor(), StoreSet(tmp_path)
    place = stores.place_for(extractor.spec.name)
    catalog = GROCERY / "catalog_iconic.csv"
    build_store(read_catalog(catalog), pictures_in(GROCERY), place, extractor)
    stores.add(extractor.spec.name, place)
    done = adapt(stores)
    assert done.method is Method.SCENES
    assert done.folder is not None
    report = evaluate(open_service(stores.folder), read_queries(GROCERY / "queries_val.csv"))
    assert report.recall_at_1 > at_length(0.54, 0.52)
    assert report.recall_at_5 > at_length(0.84, 0.8)
