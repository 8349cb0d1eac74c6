"""Which filters words ask for."""

from dataclasses import replace
from pathlib import Path

import pytest

from features.filters import FilterMasks, named_filters
from features.filters.spelling import as_compared
from features.store import StoreWriter, open_store
from features.types import Filter, Product
from tests.helpers import TINY, gallery

PRODUCTS = [
    Product("1", category="Shoes > Boots", brand="North Face", attributes={"Color": "Navy Blue"}),
    Product("2", category="T-shirts", brand="H&M", attributes={"color": "Blue, Red", "size": "42"}),
    Product("3", category="Mugs", attributes={"Material": "Stoneware", "care": "gentle"}),
]


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> FilterMasks:
    folder = tmp_path_factory.mktemp("store")
    pictures, vectors, _ = gallery(len(PRODUCTS))
    pictures = [
        replace(picture, product_id=product.id)
        for picture, product in zip(pictures, PRODUCTS, strict=True)
    ]
    with StoreWriter(folder, TINY) as writer:
        writer.append(pictures, vectors, PRODUCTS)
    return FilterMasks(open_store(folder))


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("but in blue", {"color": {"blue"}}),
        ("in NAVY blue please", {"color": {"navy blue"}}),
        ("blue or red", {"color": {"blue", "red"}}),
        ("red boots", {"category": {"boots"}, "color": {"red"}}),
        ("anything by The North Face", {"brand": {"north face"}}),
        ("a mug", {"category": {"mugs"}}),
        ("t-shirt from h&m, size 42", {"category": {"t-shirts"}, "brand": {"h&m"}, "size": {"42"}}),
        ("stoneware", {"material": {"stoneware"}}),
        ("gentle", {}),
        ("nothing of the sort", {}),
        ("", {}),
        ("blue' OR 1=1 --", {"color": {"blue"}}),
    ],
)
def test_words_that_name_a_value_ask_for_it(
    masks: FilterMasks, text: str, filters: dict[str, set[str]]
) -> None:
    assert set(named_filters(masks, text)) == {
        Filter(field, frozenset(values)) for field, values in filters.items()
    }


@pytest.mark.parametrize(
    "colour", ["नीला", "কালো", "สีน้ำเงิน", "أَزْرَق", "سرمه\u200cای", "Grün", "Gru\u0308n"]
)
def test_vowel_signs_and_accents_belong_to_their_word(tmp_path: Path, colour: str) -> None:
    pictures, vectors, _ = gallery(1)
    product = Product(pictures[0].product_id, attributes={"color": colour})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [product])
        masks = FilterMasks(writer.view())
    named = (Filter("color", frozenset({as_compared(colour)})),)
    assert named_filters(masks, f"42 {colour}, 7") == named


def test_a_long_text_is_read_in_part(masks: FilterMasks) -> None:
    assert named_filters(masks, "very " * 40 + "blue") == ()


def test_only_what_can_be_found_is_named(tmp_path: Path) -> None:
    pictures, vectors, _ = gallery(2)
    rose = Product(pictures[0].product_id, brand="Rose", attributes={"color": "Red"})
    vase = Product(pictures[1].product_id, category="Rose", attributes={"color": "Blue"})
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, [rose, vase])
        before = FilterMasks(writer.view())
        assert named_filters(before, "blue") == (Filter("color", frozenset({"blue"})),)
        assert named_filters(before, "rose") == (Filter("category", frozenset({"rose"})),)
        writer.delete(writer.view().rows_of(vase.id))
        after = FilterMasks(writer.view(), before)
        assert named_filters(after, "blue") == ()
        assert named_filters(after, "rose") == (Filter("brand", frozenset({"rose"})),)
        writer.append([], vectors[:0], [replace(rose, brand="Tulip")])
        assert named_filters(FilterMasks(writer.view(), after), "rose") == ()
