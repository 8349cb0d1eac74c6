"""Which price counts, and in which currency."""

from decimal import Decimal
from pathlib import Path

import pytest

from features.catalog import FeedOptions
from features.catalog.currencies import CODES, SIGNS, currency_code
from features.catalog.prices import Money, compared, parse_price, reduced, sale_runs
from tests.features.catalog.reading import read_feed


def euros(amount: str | None) -> Money:
    return Money(None if amount is None else Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("text", "expected", "currency"),
    [
        ("15", "EUR", "EUR"),
        ("15 usd", "EUR", "USD"),
        ("$15", "", "USD"),
        ("$15", "CAD", "CAD"),
        ("$15", "EUR", "USD"),
        ("R$ 15", "", "BRL"),
        ("15,00 zł", "", "PLN"),
        ("Rs. 1,299", "", "INR"),
        ("¥1500", "CNY", "CNY"),
        ("1 299,00 kr", "", "SEK"),
        ("1 299 kr", "NOK", "NOK"),
        ("1.299,00 kr.", "", "DKK"),
        ("12 990 Ft", "", "HUF"),
        ("R 1,299.00", "", "ZAR"),
        ("RM12.50", "", "MYR"),
        ("S/. 12.50", "", "PEN"),
        ("Rp 150.000", "", "IDR"),
        ("1 490 руб.", "", "RUB"),
        ("249,90 TL", "", "TRY"),
        ("NT$ 1,299", "", "TWD"),
    ],
)
def test_a_currency_is_known_by_its_code_or_its_sign(
    text: str, expected: str, currency: str
) -> None:
    assert parse_price(text, expected).currency == currency


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.250 KWD", "1.250"),
        ("KWD 12.500", "12.500"),
        ("0,250 TND", "0.250"),
        ("1,250.500 BHD", "1250.500"),
        ("1.250,500 TND", "1250.500"),
        ("1 250,500 TND", "1250.500"),
        ("12500,750 TND", "12500.750"),
        ("1 250 TND", "1250"),
        ("1,250 OMR", "1250"),
        ("1.250.000 IQD", "1250000"),
        ("12.5 JOD", "12.5"),
        ("7 KWD", "7"),
        ("1.250 EUR", "1250"),
    ],
)
def test_a_dinar_has_a_thousand_parts(text: str, amount: str) -> None:
    assert parse_price(text).amount == Decimal(amount)


@pytest.mark.parametrize("text", ["15 QQQ", "5 off", "ABC 7"])
def test_three_letters_are_not_always_a_currency(text: str) -> None:
    with pytest.raises(ValueError, match="no currency of ISO 4217"):
        parse_price(text)


def test_a_barcode_is_no_price() -> None:
    with pytest.raises(ValueError, match="too high"):
        parse_price("4006381333931")


def test_every_sign_stands_for_known_codes() -> None:
    assert {code for codes in SIGNS.values() for code in codes} <= CODES
    assert all(currency_code(sign.lower()) == codes[0] for sign, codes in SIGNS.items())


@pytest.mark.parametrize(
    ("regular", "sale", "now", "before"),
    [
        ("20", "15", "15", "20"),
        ("20", None, "20", None),
        (None, "15", "15", None),
        ("20", "20", "20", None),
        ("20", "25", "20", None),
        ("20", "0", "20", None),
        (None, None, None, None),
    ],
)
def test_a_sale_price_counts_where_it_is_lower(
    regular: str | None, sale: str | None, now: str | None, before: str | None
) -> None:
    offer = reduced(euros(regular), euros(sale))
    assert offer.price.amount == euros(now).amount
    assert offer.regular == euros(before).amount
    assert offer.attributes == ({} if before is None else {"regular_price": before})


def test_prices_in_two_currencies_are_not_compared() -> None:
    assert reduced(Money(Decimal(20), "USD"), euros("15")).price == Money(Decimal(20), "USD")


def test_a_price_is_compared_with_a_higher_one_only() -> None:
    assert compared(euros("15"), euros("20")).regular == 20
    assert compared(euros("15"), euros("15")).regular is None
    assert compared(euros("15"), euros(None)).regular is None
    assert compared(euros(None), euros("20")).price.amount is None


@pytest.mark.parametrize(
    ("start", "end", "runs"),
    [
        ("", "", True),
        ("2001-01-01", "", True),
        ("2001-01-01", "2001-02-01", False),
        ("2999-01-01", "", False),
        ("2001-02-24T13:00-0800", "2999-02-29T15:30-0800", True),
        ("2001-02-24T13:00-0800", "2001-02-28T15:30-0800", False),
        ("2001-02-24 13:00:00", "soon", True),
    ],
)
def test_a_sale_has_its_days(start: str, end: str, runs: bool) -> None:
    assert sale_runs(start, end) is runs


def test_a_plain_feed_takes_the_currency_of_the_shop(tmp_path: Path) -> None:
    text = "id,image,price,sale_price,currency\n1,a.jpg,20,15,\n2,b.jpg,20 USD,,\n3,c.jpg,20,,gbp\n"
    entries, reasons = read_feed(tmp_path, text, FeedOptions(currency="EUR"))
    assert reasons == []
    assert [entry.product.currency for entry in entries] == ["EUR", "USD", "GBP"]
    assert entries[0].product.price == 15
    assert entries[0].product.attributes == {"regular_price": "20"}


def test_an_unknown_currency_costs_the_currency_not_the_product(tmp_path: Path) -> None:
    (entry,), reasons = read_feed(tmp_path, "id,image,price,currency\n1,a.jpg,20,coins\n")
    assert (entry.product.price, entry.product.currency) == (Decimal(20), "")
    assert reasons == [(2, "bad_currency")]
