"""Addresses of a refined answer, without a browser."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.filters import parse_filters
from server.pages.refining import refinements
from server.texts.formatting import likeness

RESULTS = "/search?example=mug-on-counter"


def hrefs(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a class="chip[^"]*" href="([^"]*)"', page)]


def test_a_chip_takes_the_place_of_its_fields_filter_and_leaves_the_others(app: Flask) -> None:
    address = f"{RESULTS}&offset=6&filter=brand:Lumo&filter=price:1,9"
    with app.test_request_context(address):
        refine = refinements({"brand": {"Lumo": 2, "Fernhill": 1}, "availability": {"in_stock": 3}})
    (brands,) = refine.groups
    lumo, fernhill = brands.chips
    assert lumo.chosen and brands.chosen == "Lumo"
    assert lumo.address == f"{RESULTS}&filter=price%3A1%2C9"
    assert fernhill.address == f"{RESULTS}&filter=price%3A1%2C9&filter=brand%3AFernhill"
    assert refine.in_stock is None  # all of them are
    assert refine.price is not None and (refine.price.low, refine.price.high) == ("1", "9")
    assert refine.without == RESULTS


def test_a_chosen_value_that_nothing_has_can_be_taken_back(app: Flask) -> None:
    with app.test_request_context(f"{RESULTS}&filter=Colour:teal"):
        (group,) = refinements({"colour": {}}).groups
    assert [(chip.value, chip.count, chip.address) for chip in group.chips] == [
        ("teal", 0, RESULTS)
    ]


def test_a_chosen_value_is_its_chip_however_its_letters_are_written(app: Flask) -> None:
    with app.test_request_context(f"{RESULTS}&filter=colour:Gru%CC%88n"):
        (group,) = refinements({"colour": {"Grün": 4, "Rot": 1}}).groups
    assert [(chip.value, chip.count, chip.chosen) for chip in group.chips] == [
        ("Grün", 4, True),
        ("Rot", 1, False),
    ]


def test_colours_are_chips_in_the_languages_of_feeds(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context(RESULTS):
        refine = refinements({"farbe": {"Blau": 4, "Rot": 1}, "cor": {"Azul": 2, "Verde": 1}})
    assert [group.field for group in refine.groups] == ["farbe", "cor"]
    assert refine.word == "Blau"
    for chosen in ("farbe:blau", "kolor:blau"):
        assert "Colour: blau" in client.get(f"{RESULTS}&filter={chosen}").text


@pytest.mark.parametrize("written", ["in_stock", "In Stock", "instock"])
def test_in_stock_is_chosen_however_it_is_written(app: Flask, written: str) -> None:
    with app.test_request_context(f"{RESULTS}&filter=availability:{written}"):
        chip = refinements({"availability": {"in_stock": 3}}).in_stock
    assert chip is not None and chip.chosen and "filter" not in chip.address


def test_one_value_that_all_have_is_no_chip(app: Flask) -> None:
    with app.test_request_context(RESULTS):
        assert not refinements({"brand": {"Lumo": 9}, "price": {"min": 5, "max": 5}}).any


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("price_from=5&price_to=9.5", "&filter=price%3A5%2C9.5"),
        ("price_from=&price_to=9", "&filter=price%3A%2C9"),
        ("price_from=5&price_to=", "&filter=price%3A5%2C"),
        ("price_from=10&price_to=9.5", "&filter=price%3A9.5%2C10"),
        ("price_from=cheap&price_to=9", "&filter=price%3Acheap%2C9"),
        ("price_from=&price_to=", ""),
        ("filter=price:1,2&price_from=3&price_to=", "&filter=price%3A3%2C"),
    ],
)
def test_a_typed_price_becomes_a_filter(client: FlaskClient, typed: str, meant: str) -> None:
    answer = client.get(f"{RESULTS}&{typed}")
    assert answer.status_code == 302
    assert answer.location == RESULTS + meant


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [("50", "50", "50"), (" 9.50 ", "9.50", "9.50"), ("50,", "50", ""), (",50", "", "50")],
)
def test_the_form_shows_the_price_that_an_address_means(
    app: Flask, written: str, low: str, high: str
) -> None:
    with app.test_request_context("/search", query_string={"filter": f"price:{written}"}):
        shown = refinements({"price": {"min": 5, "max": 90}}).price
    assert shown is not None and (shown.low, shown.high) == (low, high)
    form = f"price:{shown.low},{shown.high}"  # what it sends
    assert parse_filters([form]) == parse_filters([f"price:{written}"])


def test_a_price_that_is_none_is_refused(client: FlaskClient) -> None:
    answer = client.get(f"{RESULTS}&price_from=cheap&price_to=", follow_redirects=True)
    assert answer.status_code == 400 and "price" in answer.text


def test_every_chip_of_a_page_leads_to_a_page(client: FlaskClient) -> None:
    found = hrefs(client.get(f"{RESULTS}&limit=12").text)
    assert len(found) > 10
    for address in found[:12]:
        assert client.get(address).status_code == 200


def test_filters_leave_only_what_meets_them(client: FlaskClient) -> None:
    page = client.get(f"{RESULTS}&limit=12&filter=category:Mugs").text
    assert page.count('class="product"') == 1
    assert "No product matches" in client.get(f"{RESULTS}&filter=category:Boats").text


def test_words_refine_and_unknown_ones_are_left_out(client: FlaskClient) -> None:
    assert client.get(f"{RESULTS}&text=mugs&limit=12").text.count('class="product"') == 1
    page = client.get(f"{RESULTS}&text=telescopic").text
    assert "“telescopic” names nothing" in page and page.count('class="product"') == 6


def test_words_are_suggested_that_the_catalogue_knows(app: Flask, client: FlaskClient) -> None:
    field = re.search('placeholder="Words, such as: ([^"]+)"', client.get(RESULTS).text)
    assert field is not None
    assert "names nothing" not in client.get(f"{RESULTS}&text={field[1]}").text
    with app.test_request_context(f"{RESULTS}&filter=color:red"):
        assert refinements({"color": {"red": 9, "white": 3}}).word == "white"
        assert refinements({"brand": {"Lumo": 2, "Fernhill": 1}}).word == ""


def test_more_like_a_product_leaves_that_one_out(client: FlaskClient) -> None:
    page = client.get("/search?product=mug-001").text
    assert "<h1" in page and "More like this" in page
    assert 'href="/search?product=mug-001"' not in page


def test_a_product_that_is_gone_is_told_with_a_way_on(client: FlaskClient) -> None:
    answer = client.get("/search?product=sold-long-ago")
    assert answer.status_code == 404
    assert "no longer sold here" in answer.text and 'type="file"' in answer.text


@pytest.mark.parametrize(
    ("similarity", "words"),
    [
        (100.0, "Nearly identical"),
        (97.9, "Very similar"),
        (60.0, "Similar"),
        (31.0, "Somewhat similar"),
        (0.0, "Less similar"),
    ],
)
def test_similarities_read_as_words(similarity: float, words: str) -> None:
    assert likeness(similarity) == words
