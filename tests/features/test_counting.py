"""Facets of a search by vectors: which products they are counted over."""

from dataclasses import replace

import numpy as np
import pytest

from features.index import DEFAULT_INDEX
from features.search.gallery import Gallery, load_gallery
from features.search.ranking import Ranking, rank_products
from features.store import StoreWriter
from features.types import Wanted
from tests.helpers import TINY, gallery

COUNTED = 200
BRAND = ("brand",)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """Products of three brands by turns, each farther away than the one before."""
    folder = tmp_path_factory.mktemp("store")
    pictures, vectors, products = gallery(2 * COUNTED)
    vectors[:] = 0
    vectors[:, 0] = np.arange(len(products)) / len(products)
    brands = ("Fleet", "Orbit", "Lumo")
    described = [replace(it, brand=brands[n % 3]) for n, it in enumerate(products)]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, described)
    return load_gallery(folder, TINY, DEFAULT_INDEX)


def asked(shop: Gallery, wanted: Wanted) -> Ranking:
    return rank_products(shop, np.zeros(4, np.float32), wanted)


def test_every_page_of_a_search_has_the_same_counts(shop: Gallery) -> None:
    pages = [
        asked(shop, Wanted(limit, offset, facets=BRAND))
        for limit, offset in [(20, 0), (20, 180), (20, 190), (100, 300), (20, 1_000)]
    ]
    assert [len(page.hits) for page in pages] == [20, 20, 20, 100, 0]
    assert sum(pages[0].facets["brand"].values()) == COUNTED
    assert all(page.facets == pages[0].facets for page in pages)


def test_a_page_holds_the_same_products_with_and_without_counts(shop: Gallery) -> None:
    for offset in (0, 190, 300):
        plain, counted = (asked(shop, Wanted(20, offset, facets=names)) for names in ((), BRAND))
        assert plain.hits == counted.hits
        assert not plain.facets


def test_what_is_not_similar_enough_is_not_counted(shop: Gallery) -> None:
    least = asked(shop, Wanted(limit=2)).hits[1].similarity
    for offset in (0, 300):
        found = asked(shop, Wanted(20, offset, threshold=least, facets=BRAND))
        assert found.facets == {"brand": {"Fleet": 1, "Orbit": 1}}
