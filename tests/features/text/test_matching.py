"""Words to products."""

import string
from pathlib import Path

import pytest

from features.errors import InvalidQueryError
from features.store import StoreView
from features.text import LONGEST_QUERY, check_query, find_words, suggest_words
from features.text.vocabulary import Vocabulary
from features.types import Product
from tests.features.text.shops import found, indexed, stock

SHOP = [
    Product("s1", "Red Running Shoe", "For the road.", "Sport > Shoes", brand="Fleet"),
    Product("s2", "Blue Running Shoes", "Also there in red.", "Sport > Shoes", brand="Fleet"),
    Product("s3", "Red Umbrella", "Nothing to run with.", "Rain", brand="Drop"),
    Product("m1", "Crème Mug", "A cup.", "Kitchen > Mugs", attributes={"SKU": "AB-123/4"}),
    Product("m2", "Café Tasse", "Porcelain", "Kitchen > Mugs", attributes={"colour": "Red, Blue"}),
    Product("c1", "女士運動鞋", "輕便", "鞋"),
    Product("x1", 'Shelf 5" AND "NEAR(a b)"', "", "Home", attributes={"gtin": "4006381333931"}),
    Product("x2", "Sony WH-1000XM5", "", "Audio", brand="Sony"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> StoreView:
    return stock(tmp_path_factory.mktemp("shop"), SHOP)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red running shoe", ["s1", "s2"]),
        ("RED umbrella", ["s3"]),
        ("creme", ["m1"]),
        ("cafe tasse", ["m2"]),
        ("mug", ["m1", "m2"]),
        ("porcelain mugs", ["m2"]),
        ("運動", ["c1"]),
        ("鞋", ["c1"]),
        ("女士運動鞋", ["c1"]),
        ("fleet", ["s1", "s2"]),
        ("ab123/4", ["m1"]),
        ("AB-1234", ["m1"]),
        ("4006381333931", ["x1"]),
        ("wh1000xm5", ["x2"]),
        ("sony wh1000xm5", ["x2"]),
        ("1000xm5 wh", ["x2"]),
        ("s3", ["s3"]),
        ("umbrela", ["s3"]),
        ("runnign shoos fleet", ["s2", "s1"]),
        ("umbr", ["s3"]),
    ],
)
def test_words_find_these_products(shop: StoreView, text: str, expected: list[str]) -> None:
    assert found(shop, text) == expected


def test_a_word_counts_most_in_the_title_then_brand_category_attributes_description(
    tmp_path: Path,
) -> None:
    view = stock(
        tmp_path,
        [
            Product("description", "One thing", "lumo lamp"),
            Product("attributes", "One thing", attributes={"made by": "lumo lamp"}),
            Product("category", "One thing", category="lumo lamp"),
            Product("brand", "One thing", brand="lumo lamp"),
            Product("title", "One lumo lamp thing"),
            *(Product(f"other-{n}", "Another thing") for n in range(9)),
        ],
    )
    order = ["title", "brand", "category", "attributes", "description"]
    assert found(view, "lamp lumo") == order


@pytest.mark.parametrize(
    "text",
    [
        *('"', "'", "a AND", "NEAR(red blue)", "red*", "-red", "title:red", "((", "^red", "red OR"),
        *("{}:", "; DROP TABLE words", "\0red", f"red{string.punctuation}", "NOT"),
    ],
)
def test_syntax_is_plain_text(shop: StoreView, text: str) -> None:
    assert set(found(shop, text)) <= {product.id for product in SHOP}
    assert "s3" in found(shop, f"{text} umbrella")


def test_numbers_and_codes_are_never_taken_for_others(shop: StoreView) -> None:
    assert found(shop, "wh1000xm4") == []
    assert found(shop, "4006381333932") == []


def test_what_was_meant_is_told(shop: StoreView) -> None:
    assert find_words(indexed(shop), "Red umbrela").meant == "red umbrella"
    assert find_words(indexed(shop), "red umbrellas").meant == ""
    assert find_words(indexed(shop), "red umbr").meant == ""


def test_some_of_the_words_will_do_where_nothing_has_all(shop: StoreView) -> None:
    matches = find_words(indexed(shop), "umbrella qqqqqqqq")
    assert not matches.all_words
    assert [shop.descriptions[place].id for place in matches.places.tolist()] == ["s3"]


def test_words_of_nothing_find_nothing(shop: StoreView) -> None:
    for text in ("qqqqqqqq", "***", "😀"):
        assert found(shop, text) == []
        assert find_words(indexed(shop), text).meant == ""


def test_a_beginning_finds_while_somebody_is_typing(shop: StoreView) -> None:
    assert found(shop, "red u", typing=True) == ["s3"]
    assert found(shop, "running s", typing=True) == ["s1", "s2"]
    assert found(shop, "運", typing=True) == ["c1"]


def test_suggestions_name_categories_and_brands_before_products(shop: StoreView) -> None:
    matches = find_words(indexed(shop), "s", typing=True)
    products = [shop.descriptions[place] for place in matches.places.tolist()]
    suggested = [(it.kind, it.text) for it in suggest_words(products, matches.choices, 8)]
    assert {("category", "Shoes"), ("category", "Sport"), ("brand", "Sony")} == set(suggested[:3])
    assert ("product", "Red Running Shoe") in suggested
    assert len({text for _, text in suggested}) == len(suggested)


def test_queries_are_neither_empty_nor_endless() -> None:
    assert check_query("  red \n shoe ") == "red shoe"
    for text in ("", "  ", "x" * (LONGEST_QUERY + 1)):
        with pytest.raises(InvalidQueryError, match="q "):
            check_query(text)


def test_what_a_word_may_mean_is_looked_up_once(
    shop: StoreView, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    near = Vocabulary.near

    def noting(known: Vocabulary, word: str) -> list[str]:
        asked.append(word)
        return near(known, word)

    monkeypatch.setattr(Vocabulary, "near", noting)
    assert found(shop, "umbrela nonsense") == ["s3"]
    assert sorted(asked) == ["nonsense", "umbrela"]


def test_the_longest_queries_are_answered(shop: StoreView) -> None:
    for text in ("a " * 100, "運" * LONGEST_QUERY, "x" * LONGEST_QUERY, "ab cd ef " * 22):
        assert set(found(shop, text[:LONGEST_QUERY])) <= {"x1", "m1"}
