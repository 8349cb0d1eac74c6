"""Filters in Milvus mean what the masks of this program mean."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.filters import FilterMasks, parse_filters
from features.filters.spelling import as_compared
from features.index.milvus import MilvusAddress, MilvusIndex, open_index
from features.index.milvus.terms import TERM_BYTES, expression, terms_of
from features.index.scope import Scope
from features.store import StoreView, StoreWriter, open_store
from features.types import Filter, GalleryPicture, PriceRange, Product
from tests.helpers import TINY

WORDS = (
    *("Straße", "STRASSE", "éclair", "İzmir", "a", "A", "Blue, Green", "blue", 'say "hi"', "it's"),
    *("Gru\u0308n", "GRÜN", "Levi\u2019s", "levi's", "ＡＢＣ", "two  spaces", "KIRMIZI", "kırmızı"),
    *("back\\slash", "x" * 300, "{w}", "[1]", "%", "日本", "new\nline", "tab\t", "#", "", " "),
)
PATHS = ("Shoes > Running > Trail", "shoes>RUNNING", "Running", "> Shoes >", 'a "b" > c', "")
PRICES = ("0", "0.1", "0.30", "19.99", "20", "20.00", "1e-7", "123456789012.34", None)
NAMES = ("Colour", "colour", "size", "Größe", "Gro\u0308ße", 'a"b', "brand", "price")


def product(number: int) -> Product:
    random = np.random.default_rng(number)

    def one(values: tuple[str, ...]) -> str:
        return values[int(random.integers(len(values)))]

    price = PRICES[int(random.integers(len(PRICES)))]
    return Product(
        f"P{number}" if number % 3 else f"p{number}é",
        category=one(PATHS),
        price=None if price is None else Decimal(price),
        currency=one(("EUR", "eur", "")),
        brand=one(WORDS),
        availability=one(("in_stock", "")),
        attributes={one(NAMES): one(WORDS) for _ in range(int(random.integers(4)))},
    )


@dataclass(frozen=True)
class Shop:
    """A store and its collection."""

    view: StoreView
    index: MilvusIndex


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, new_address: Callable[[], MilvusAddress]
) -> Shop:
    folder = tmp_path_factory.mktemp("shop") / "store"
    products = [product(number) for number in range(150)]
    vectors = np.random.default_rng(1).normal(size=(150, 4)).astype(np.float32)
    pictures = [GalleryPicture(p.id, f"{n}.jpg", f"{n:032x}") for n, p in enumerate(products)]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures[:90], vectors[:90], products[:90])
        writer.append(pictures[90:], vectors[90:], [*products[90:], *products[:10]])
        writer.delete([3, 77, 120])
    view = open_store(folder)
    return Shop(view, open_index(view, new_address()))


words = st.frozensets(
    st.sampled_from([*WORDS, *PATHS, "in_stock", "eur", "P1", "shoes > running"]).map(
        lambda text: " > ".join(as_compared(part) for part in text.split(">"))
    ),
    max_size=3,
)
bounds = st.sampled_from([-math.inf, 0.0, 0.1, 0.3, 19.99, 20.0, 1e-7, 123456789012.34, math.inf])
ranges = st.tuples(bounds, bounds).map(lambda pair: PriceRange(min(pair), max(pair)))
worded = st.builds(
    Filter,
    st.sampled_from(["id", "brand", "currency", "availability", "category", "colour", "size"])
    | st.sampled_from([as_compared(name) for name in NAMES if name != "price"])
    | st.sampled_from(["Colour", "nothing", "é"]),
    words,
)
priced = st.lists(ranges, max_size=2).map(lambda spans: Filter("price", ranges=tuple(spans)))
excluded = st.frozensets(st.sampled_from([*(f"P{n}" for n in (1, 2, 4, 91)), "gone"]))


def test_the_engine_finds_the_rows_that_the_masks_allow(shop: Shop) -> None:
    masks = FilterMasks(shop.view)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(worded | priced, min_size=1, max_size=3), excluded)
    def agree(filters: list[Filter], exclude: frozenset[str]) -> None:
        allowed = masks.rows(tuple(filters)).copy()
        for product_id in exclude:
            allowed[shop.view.rows_of(product_id)] = False
        scope = Scope(tuple(filters), exclude, lambda: allowed)
        (found,) = shop.index.search_scope(np.zeros((1, 4), np.float32), 500, scope)
        assert sorted(near.row for near in found) == np.flatnonzero(allowed).tolist()

    agree()


def test_common_filters_run_in_the_engine_and_need_no_mask(
    shop: Shop,
) -> None:
    def no_mask() -> None:
        raise AssertionError("the mask was computed")

    filters = parse_filters(["category:Shoes > Running", "price:0.1,20", "Currency:EUR"])
    (found,) = shop.index.search_scope(
        np.zeros((1, 4), np.float32), 3, Scope(filters, frozenset({"P1"}), no_mask)
    )
    view = shop.view
    assert all(view.products[view.pictures[n.row].product_id].price is not None for n in found)
    assert len(found) == 3


def test_terms_are_short_and_need_no_quoting() -> None:
    terms = [term for number in range(150) for term in terms_of(product(number))]
    assert all(len(term.encode()) <= TERM_BYTES for term in terms)
    assert not any(set('"\\{}\n\t') & set(term) for term in terms)
    assert "currency:eur" in terms


def test_a_field_in_another_letter_case_is_left_to_the_mask() -> None:
    assert expression([Filter("Colour", frozenset({"blue"}))]) is None
    assert expression([]) == ""
