"""The exact index and Milvus agree on every row and every distance."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.filters import FilterMasks
from features.index import build_index
from features.index.milvus import MilvusAddress, open_index
from features.index.scope import Scope
from features.store import StoreWriter, open_store
from features.types import Filter, GalleryPicture, PriceRange, Product
from tests.helpers import TINY

_PRODUCTS = 20_000
_QUERIES = 1_000


@pytest.mark.slow
def test_exact_and_milvus_agree_on_a_thousand_queries_with_and_without_filters(
    folder: Path, address: MilvusAddress
) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(_PRODUCTS, TINY.dim)).astype(np.float32)
    products = [
        Product(f"p{n}", brand=f"Brand {n % 40}", price=Decimal(n % 9_973) / 100)
        for n in range(_PRODUCTS)
    ]
    pictures = [GalleryPicture(p.id, f"{p.id}.jpg", f"{n:032x}") for n, p in enumerate(products)]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures[:15_000], vectors[:15_000], products[:15_000])
        writer.append(pictures[15_000:], vectors[15_000:], products[15_000:])
    view = open_store(folder)
    exact, milvus = build_index(view.blocks, "exact"), open_index(view, address)
    masks = FilterMasks(view)
    queries = random.normal(size=(_QUERIES, TINY.dim)).astype(np.float32)
    assert milvus.search(queries, 10) == exact.search(queries, 10)
    brands = [Filter("brand", frozenset({f"brand {n}", f"brand {n + 1}"})) for n in range(20)]
    prices = Filter("price", ranges=(PriceRange(9.99, 30.0), PriceRange(80.0)))
    for number, brand in enumerate(brands):
        filters = (brand, prices) if number % 2 else (brand,)
        allowed = masks.rows(filters)
        part = queries[number::20]
        scope = Scope(filters, frozenset(), lambda allowed=allowed: allowed)  # type: ignore[misc]
        assert milvus.search_scope(part, 10, scope) == exact.search(part, 10, allowed)
