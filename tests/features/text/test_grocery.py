"""On a real catalogue: the named product first, typos and all."""

import csv
import random
from pathlib import Path

import pytest

from features.store import StoreView
from features.text import Indexed, find_words
from features.types import Product
from tests.features.text.shops import indexed, stock

TYPOS_EACH = 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module", params=["catalog_iconic.csv", "catalog_photos.csv"])
def groceries(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> StoreView:
    feed = shared_data / "data" / "grocery" / request.param
    with feed.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    products = [
        Product(key, row["title"], row["description"], row["category"]) for key, row in rows.items()
    ]
    return stock(tmp_path_factory.mktemp("groceries"), products)


@pytest.fixture(scope="module")
def words(groceries: StoreView) -> Indexed:
    return indexed(groceries)


def first(view: StoreView, words: Indexed, text: str) -> Product | None:
    places = find_words(words, text).places
    return view.descriptions[int(places[0])] if len(places) else None


def mistyped(title: str, chance: random.Random) -> str:
    """The title with one letter added, left out, replaced, or swapped in a word of four or more."""
    words = title.lower().split()
    number = chance.choice([n for n, word in enumerate(words) if len(word) >= 4])
    word = words[number]
    place, letter = chance.randrange(len(word) - 1), chance.choice(LETTERS)
    before, after = word[:place], word[place:]
    words[number] = before + chance.choice(
        [letter + after, after[1:], letter + after[1:], after[1] + after[0] + after[2:]]
    )
    return " ".join(words)


def test_every_title_finds_its_product_first(groceries: StoreView, words: Indexed) -> None:
    titles = [product.title for product in groceries.products.values()]
    assert len(titles) == 81
    found = [first(groceries, words, title) for title in titles]
    assert [product and product.title for product in found] == titles


def test_every_category_finds_one_of_its_products_first(
    groceries: StoreView, words: Indexed
) -> None:
    categories = {product.category for product in groceries.products.values()}
    found = {name: first(groceries, words, name) for name in categories}
    assert {name: product and product.category for name, product in found.items()} == {
        name: name for name in categories
    }


def test_titles_with_a_typo_find_their_product_first(groceries: StoreView, words: Indexed) -> None:
    chance = random.Random(20260101)
    titles = [product.title for product in groceries.products.values()]
    long = [title for title in titles if any(len(word) >= 4 for word in title.split())]
    asked = [(title, mistyped(title, chance)) for title in long for _ in range(TYPOS_EACH)]
    found = [first(groceries, words, typed) for _, typed in asked]
    right = [
        product is not None and product.title == title
        for product, (title, _) in zip(found, asked, strict=True)
    ]
    assert sum(right) / len(right) >= 0.95
