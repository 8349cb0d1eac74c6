"""Prices as people and shops write them, and which of two prices counts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from features.catalog.currencies import SIGNS, THREE_DECIMALS, currency_code

_MARK = "|".join(["[A-Z]{3}", *sorted(map(re.escape, SIGNS), key=len, reverse=True)])
_PRICE = re.compile(rf"^(?:({_MARK})\s*)?([0-9][0-9.,'’\s]*)({_MARK})?$", re.IGNORECASE)
# Groups of three digits, in India of two before the last: 1.299, 1,29,999.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])(?:[0-9]{2,3}\1)*[0-9]{3}")
# Whole amounts: 12,- and 12.-- and 1,299/-
_NO_CENTS = re.compile(r"(?<=[0-9])(?:[.,]|/)[-–—]{1,2}(?=[^0-9]*$)")
_SPACES = re.compile(r"[\s'’]")
_DECIMALS = re.compile(r"[.,](\d{1,2})$")
# Of a dinar: 1.250, 1,250.500, 1.250,500, 1250,500 and 0,250, but neither 1,250 nor 1.250.000.
_THOUSANDTHS = re.compile(r"(?:[0-9,]+\.|[0-9]+\.[0-9.]+,|[0-9]{4,},|0,)([0-9]{3})")
# Beyond this it is a barcode in the wrong column.
_HIGHEST = Decimal(10) ** 12


class Money(NamedTuple):
    """An amount, if there is one, and its currency, if it is known."""

    amount: Decimal | None
    currency: str


NO_MONEY = Money(None, "")


@dataclass(frozen=True)
class Offer:
    """What a shopper pays now, and what it costs otherwise, where that is more."""

    price: Money
    regular: Decimal | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """The regular price of a reduced product."""
        return {} if self.regular is None else {"regular_price": f"{self.regular:f}"}


def parse_price(text: str, currency: str = "") -> Money:
    """A price with the currency beside it, or else `currency`: `15.00 USD`, `€1.299,00`, `999`.

    Raises:
        ValueError: there is text, but no price in it.
    """
    if not text:
        return NO_MONEY
    match = _PRICE.match(_NO_CENTS.sub("", text))
    if match is None:
        raise ValueError(f"the price {text[:40]!r} is no price")
    before, digits, after = match.groups()
    currency = currency_code(before or after or "", currency)
    try:
        amount = Decimal(_plain_digits(digits, currency))
    except InvalidOperation as error:
        raise ValueError(f"the price {text[:40]!r} is no price") from error
    if amount >= _HIGHEST:
        raise ValueError(f"the price {text[:40]!r} is too high for a price")
    return Money(amount, currency)


def reduced(regular: Money, sale: Money) -> Offer:
    """The sale price counts where it is lower than the regular one, or the only one."""
    if sale.amount is None:
        return Offer(regular)
    if regular.amount is None:
        return Offer(sale)
    if 0 < sale.amount < regular.amount and sale.currency == regular.currency:
        return Offer(sale, regular.amount)
    return Offer(regular)


def compared(price: Money, before: Money) -> Offer:
    """A price beside the higher one that it is compared with."""
    if price.amount is None or before.amount is None or before.amount <= price.amount:
        return Offer(price)
    return Offer(price, before.amount)


def sale_runs(start: str, end: str) -> bool:
    """False before the first and after the last moment of a sale; dates that say nothing count."""
    now = datetime.now(UTC)
    first, last = _moment(start), _moment(end, through_the_day=True)
    return (first is None or first <= now) and (last is None or now <= last)


def _moment(text: str, through_the_day: bool = False) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if through_the_day and len(text.strip()) <= len("2026-01-31"):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain_digits(digits: str, currency: str) -> str:
    """The last point or comma is the decimal mark where as many digits follow as there may be."""
    digits = _SPACES.sub("", digits)
    dinars = _THOUSANDTHS.fullmatch(digits) if currency in THREE_DECIMALS else None
    decimals = dinars or _DECIMALS.search(digits)
    whole = digits[: decimals.start(1) - 1] if decimals else digits
    if _GROUPED.fullmatch(whole):
        whole = re.sub("[.,]", "", whole)
    return f"{whole}.{decimals.group(1)}" if decimals else whole
