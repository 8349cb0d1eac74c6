"""What the cells of any feed have in common: stray characters, prices, currencies."""

import re
from decimal import Decimal, InvalidOperation

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNDECODED = re.compile("[\udc80-\udcff]")
_PRICE = re.compile(r"^(?:([A-Z]{3}|[$€£¥₹])\s*)?([0-9][0-9.,'’\s]*)(?:([A-Z]{3}|[$€£¥₹]))?$")
# Groups of three digits, in India of two before the last: 1.299, 1,29,999.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])(?:[0-9]{2,3}\1)*[0-9]{3}")
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}


def clean(text: str | None) -> str:
    """A cell without control characters, lone surrogates and surrounding space."""
    return _UNWANTED.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


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
    digits = re.sub(r"[\s'’]", "", digits)
    decimals = re.search(r"[.,](\d{1,2})$", digits)
    whole = digits[: decimals.start()] if decimals else digits
    if _GROUPED.fullmatch(whole):
        whole = re.sub("[.,]", "", whole)
    return f"{whole}.{decimals.group(1)}" if decimals else whole
