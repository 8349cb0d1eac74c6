"""Filters as a shop writes them, and which rows they leave."""

import gc
import tracemalloc
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from features.errors import InvalidQueryError
from features.filters import FilterMasks, count_facets, parse_filters, values_of
from features.store import StoreView, StoreWriter, open_store
from features.types import Filter, PriceRange, Product
from tests.helpers import TINY, gallery

SHOE = Product(
    "s1",
    title="Runner",
    category="Shoes > Running > Trail",
    price=Decimal("89.90"),
    currency="EUR",
    brand="Fleet",
    availability="in_stock",
    attributes={"Colour": "Blue, Green", "size": "42"},
)


def test_values_of_one_field_are_alternatives_and_fields_must_all_be_met() -> None:
    assert parse_filters(["brand:Fleet", "price:10,199", "Brand:Orbit", "price:500,"]) == (
        Filter("brand", frozenset({"fleet", "orbit"})),
        Filter("price", ranges=(PriceRange(10, 199), PriceRange(500, float("inf")))),
    )


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("price:10,199", 10, 199),
        ("price: 10 , 199.50 ", 10, 199.5),
        ("price:10,", 10, float("inf")),
        ("price:,199", float("-inf"), 199),
        ("price:15", 15, 15),
    ],
)
def test_prices_are_ranges_with_both_ends(text: str, low: float, high: float) -> None:
    assert parse_filters([text]) == (Filter("price", ranges=(PriceRange(low, high),)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "brand",
        "brand:",
        ":Fleet",
        "price:",
        "price:,",
        "price:cheap",
        "price:9,1",
        "price:nan",
        "price:1,2,3",
        "x" * 301 + ":y",
    ],
)
def test_a_filter_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidQueryError):
        parse_filters([text])


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(InvalidQueryError, match="more than 50"):
        parse_filters([f"brand:{number}" for number in range(51)])


def test_a_category_is_met_by_its_path_its_beginnings_and_its_steps() -> None:
    assert values_of(SHOE, "category") == {
        "shoes",
        "shoes > running",
        "shoes > running > trail",
        "running",
        "trail",
    }
    (written,) = parse_filters(["category:Shoes>Running"])
    assert written.words == {"shoes > running"}


def test_a_field_with_several_values_is_met_by_each() -> None:
    assert values_of(SHOE, "colour") == {"blue, green", "blue", "green"}
    assert values_of(SHOE, "size") == {"42"}
    assert values_of(SHOE, "weight") == set()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("38,5", ["38,5"]),
        ("38, 38,5, 39,5", ["38", "38,5", "39,5"]),
        ("0,75 l, 1,5 l", ["0,75 l", "1,5 l"]),
        ("10,000 mAh", ["10,000 mAh"]),
        ("36,37", ["36", "37"]),
        ("36,37,38", ["36", "37", "38"]),
        ("Blue,Green", ["Blue", "Green"]),
        ("XL,42", ["XL", "42"]),
        ("42,XL", ["42", "XL"]),
    ],
)
def test_a_decimal_comma_parts_no_number(said: str, shown: list[str]) -> None:
    shoe = replace(SHOE, attributes={"size": said})
    assert count_facets([shoe], ["size"]) == {"size": dict.fromkeys(shown, 1)}
    for value in shown:
        (wanted,) = parse_filters([f"size:{value}"])
        assert wanted.words <= values_of(shoe, "size")


def test_numbers_between_commas_are_met_however_they_are_meant() -> None:
    shoe = replace(SHOE, attributes={"size": "98,104"})
    assert values_of(shoe, "size") == {"98,104", "98", "104"}


@pytest.mark.parametrize(
    ("field", "said", "shown"),
    [
        ("color", "Red/Blue", ["Red", "Blue"]),
        ("colour", "Navy / White, Red", ["Navy", "White", "Red"]),
        ("material", "Cotton/Polyester/Elastane", ["Cotton", "Polyester", "Elastane"]),
        ("color", "红/蓝", ["红", "蓝"]),
        ("color", "N/A", ["N/A"]),
        ("color", "Black w/ White", ["Black w/ White"]),
        ("cor", "Preto c/ Branco", ["Preto c/ Branco"]),
        ("material", "50/50 Cotton", ["50/50 Cotton"]),
        ("size", "S/M", ["S/M"]),
        ("team", "Red/Blue", ["Red/Blue"]),
    ],
)
def test_colours_and_materials_are_parted_by_slashes_as_google_has_it(
    field: str, said: str, shown: list[str]
) -> None:
    shoe = replace(SHOE, attributes={field: said})
    assert count_facets([shoe], [field]) == {field: dict.fromkeys(shown, 1)}
    for value in (said, *shown):
        (wanted,) = parse_filters([f"{field}:{value}"])
        assert wanted.words <= values_of(shoe, field)


AVAILABILITIES = ("in stock", "In-Stock", "instock", "InStock", "IN_STOCK")


@pytest.mark.parametrize("written", AVAILABILITIES)
def test_availability_is_met_in_the_spellings_of_feeds(written: str) -> None:
    (wanted,) = parse_filters([f"availability:{written}"])
    assert values_of(SHOE, "availability") == wanted.words
    assert values_of(replace(SHOE, availability="out_of_stock"), "availability") != wanted.words
    stored = [replace(SHOE, availability=written), SHOE, SHOE]
    assert values_of(stored[0], "availability") == wanted.words
    assert count_facets(stored, ["availability"]) == {"availability": {"in_stock": 3}}


def meets(product: Product, wanted: Filter) -> bool:
    """What a filter means, said once more in the simplest way."""
    if wanted.field == "price":
        price = product.price
        return price is not None and any(r.low <= float(price) <= r.high for r in wanted.ranges)
    return bool(values_of(product, wanted.field) & wanted.words)


def by_hand(view: StoreView, filters: tuple[Filter, ...]) -> list[int]:
    return [
        row
        for row in np.flatnonzero(view.live).tolist()
        if all(meets(view.products[view.pictures[row].product_id], it) for it in filters)
    ]


def random_products(ids: list[str], random: np.random.Generator) -> list[Product]:
    brands, colours = ["Fleet", "Orbit", "fleet", ""], ["Blue", "Green", "Blue, Green", ""]
    return [
        Product(
            key,
            brand=str(random.choice(brands)),
            category=str(random.choice(["Shoes > Running", "Shoes", "Hats", ""])),
            price=None if random.random() < 0.2 else Decimal(int(random.integers(1, 300))),
            availability=str(random.choice(["in_stock", "out_of_stock"])),
            attributes={"colour": str(random.choice(colours))},
        )
        for key in ids
    ]


QUESTIONS = [
    ["brand:fleet"],
    ["brand:Fleet", "brand:Orbit"],
    ["category:shoes"],
    ["category:Running", "price:50,150"],
    ["price:,100", "price:200,", "availability:in_stock"],
    ["colour:green", "brand:Orbit", "category:Hats"],
    ["brand:nobody"],
    ["id:p0003", "id:p0007"],
]


def test_masks_leave_exactly_the_rows_that_meet_all_filters_through_every_change(
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(5)
    masks: FilterMasks | None = None
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        for step in range(12):
            pictures, vectors, products = gallery(20, seed=step, start=int(random.integers(0, 60)))
            dead = np.flatnonzero(open_store(tmp_path).live) if step else np.zeros(0, np.int64)
            replaced = random.choice(dead, min(len(dead), 5), replace=False).tolist()
            described = random_products([product.id for product in products], random)
            writer.append(pictures, vectors, described, replacing=replaced)
            if step % 4 == 3:
                writer.compact(everything=step % 8 == 7)
            view = writer.view()
            masks = FilterMasks(view, masks)
            for texts in QUESTIONS:
                filters = parse_filters(texts)
                found = np.flatnonzero(masks.rows(filters)).tolist()
                assert found == by_hand(view, filters), texts
                assert np.flatnonzero(masks.rows(filters)).tolist() == found


def test_fields_that_no_product_has_leave_nothing_behind(tmp_path: Path) -> None:
    """Whoever searches may name as many as they like."""
    pictures, vectors, products = gallery(20)
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(
            pictures, vectors, [replace(it, attributes={"size": "42"}) for it in products]
        )
        masks = FilterMasks(writer.view())

    def ask(numbers: range) -> int:
        for number in numbers:
            assert not masks.rows(parse_filters([f"field {number}:42"])).any()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = ask(range(100))  # some masks are remembered
        assert ask(range(100, 1_100)) - before < 50_000
    finally:
        tracemalloc.stop()
    assert masks.rows(parse_filters(["Size:42"])).all()


def test_of_a_product_that_is_described_twice_the_last_description_counts(tmp_path: Path) -> None:
    pictures, vectors, _ = gallery(1)
    key = pictures[0].product_id
    cheap = Product(key, brand="Fleet", price=Decimal(5))
    dear = Product(key, brand="Orbit", price=Decimal(50))
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(pictures, vectors, [cheap, dear])
        masks = FilterMasks(writer.view())
    answers = [masks.rows(parse_filters([text])).any() for text in ("brand:orbit", "price:50")]
    assert all(answers)
    assert not masks.rows(parse_filters(["brand:fleet"])).any()
    assert not masks.rows(parse_filters(["price:5"])).any()


def test_facets_count_values_the_most_frequent_first() -> None:
    hat = Product("h1", category="Hats", brand="Orbit", price=Decimal("12.50"))
    other = Product("h2", category="Hats > Caps", brand="Orbit", attributes={"colour": "Blue"})
    facets = count_facets([SHOE, hat, other], ["category", "brand", "colour", "price", "weight"])
    assert facets == {
        "category": {"Hats": 2, "Shoes": 1},
        "brand": {"Orbit": 2, "Fleet": 1},
        "colour": {"Blue": 2, "Green": 1},
        "price": {"min": 12, "max": 90},
        "weight": {},
    }
    assert list(facets["brand"]) == ["Orbit", "Fleet"]
    assert count_facets([other], ["price"]) == {"price": {}}


def test_facets_know_fields_in_any_case_as_filters_do() -> None:
    facets = count_facets([SHOE], ["Brand", "CATEGORY", "Price", "Colour"])
    assert facets == {
        "Brand": {"Fleet": 1},
        "CATEGORY": {"Shoes": 1},
        "Price": {"min": 89, "max": 90},
        "Colour": {"Blue": 1, "Green": 1},
    }


def test_spellings_that_a_filter_takes_for_one_value_are_counted_as_one(tmp_path: Path) -> None:
    pictures, vectors, _ = gallery(4)
    brands = ("NIKE", "Nike", "Nike", "Puma")
    colours = ("blue", "Blue, blue", "Red, BLUE", "red")
    products = [
        Product(picture.product_id, brand=brand, attributes={"colour": colour})
        for picture, brand, colour in zip(pictures, brands, colours, strict=True)
    ]
    facets = count_facets(products, ["brand", "colour"])
    assert facets == {"brand": {"Nike": 3, "Puma": 1}, "colour": {"blue": 3, "Red": 2}}
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures, vectors, products)
        masks = FilterMasks(writer.view())
    for field, counts in facets.items():
        for value, count in counts.items():
            assert masks.rows(parse_filters([f"{field}:{value}"])).sum() == count
