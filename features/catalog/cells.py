"""What the cells of any feed have in common: stray characters, prices, currencies."""

import re
from decimal import Decimal, InvalidOperation

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNDECODED = re.compile("[\udc80-\udcff]")
_PRICE = re.compile(r"^(?:([A-Z]{3}|[$€£¥₹])\s*)?([0-9][0-9.,' ]*)\s*(?:([A-Z]{3}|[$€£¥₹]))?$")
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}


def clean(text: str | None) -> str:
    """A cell without control characters and surrounding space."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n")).strip()


def is_utf8(text: str) -> bool:
    """False where bytes could not be decoded (they were read as lone surrogates)."""
    return _UNDECODED.search(text) is None


def parse_price(text: str) -> tuple[Decimal | None, str]:
    """A price with the currency that stands beside it: `15.00 USD`, `€1.299,00`, `999`.

    Raises:
        ValueError: there is text, but no price in it.
    """
    if not text:
        return None, ""
    match = _PRICE.match(text)
    if match is None:
        raise ValueError(f"the price {text[:40]!r} is not a number")
    before, digits, after = match.groups()
    mark = before or after or ""
    try:
        return Decimal(_plain_digits(digits)), _SYMBOLS.get(mark, mark)
    except InvalidOperation as error:
        raise ValueError(f"the price {text[:40]!r} is not a number") from error


def _plain_digits(digits: str) -> str:
    """The last point or comma followed by one or two digits is the decimal mark."""
    digits = digits.replace(" ", "").replace("'", "")
    decimals = re.search(r"[.,](\d{1,2})$", digits)
    whole = digits[: decimals.start()] if decimals else digits
    whole = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", whole)
    return f"{whole}.{decimals.group(1)}" if decimals else whole
