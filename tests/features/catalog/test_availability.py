"""Every shop says differently whether a thing can be bought."""

from functools import partial
from pathlib import Path

import pytest

from features.catalog.availability import from_stock, parse_availability
from tests.features.catalog.reading import read_feed


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", ""),
        ("in_stock", "in_stock"),
        ("in stock", "in_stock"),
        ("In-Stock", "in_stock"),
        ("available for order", "in_stock"),
        ("available", "in_stock"),
        ("https://schema.org/InStock", "in_stock"),
        ("http://schema.org/LimitedAvailability", "in_stock"),
        ("TRUE", "in_stock"),
        ("1", "in_stock"),
        ("25", "in_stock"),
        ("out of stock", "out_of_stock"),
        ("Sold out", "out_of_stock"),
        ("https://schema.org/SoldOut", "out_of_stock"),
        ("false", "out_of_stock"),
        ("0", "out_of_stock"),
        ("-3", "out_of_stock"),
        ("preorder", "preorder"),
        ("pre-order", "preorder"),
        ("schema.org/PreOrder", "preorder"),
        ("backorder", "backorder"),
        ("on backorder", "backorder"),
        ("Available on backorder", "backorder"),
    ],
)
def test_all_spellings_come_to_four_words(text: str, meaning: str) -> None:
    assert parse_availability(text) == meaning


@pytest.mark.parametrize("text", ["ask us", "in", "1 or 2", "https://schema.org/Thing", "²"])
def test_what_is_not_understood_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match="say in_stock, out_of_stock, preorder or backorder"):
        parse_availability(text)


@pytest.mark.parametrize(
    ("quantity", "backorders", "meaning"),
    [
        ("", False, ""),
        ("3", False, "in_stock"),
        ("3", True, "in_stock"),
        ("2.0", False, "in_stock"),
        ("0", False, "out_of_stock"),
        ("0", True, "backorder"),
        ("-2", True, "backorder"),
    ],
)
def test_a_number_of_pieces_says_it_too(quantity: str, backorders: bool, meaning: str) -> None:
    assert from_stock(quantity, backorders=backorders) == meaning


def test_a_stock_that_is_no_number_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="'many' is not a number"):
        partial(from_stock, backorders=True)("many")


def test_a_product_is_kept_when_its_availability_is_not_understood(tmp_path: Path) -> None:
    (entry,), reasons = read_feed(tmp_path, "id,image,availability\n1,a.jpg,maybe\n")
    assert entry.product.availability == ""
    assert reasons == [(2, "bad_availability")]
