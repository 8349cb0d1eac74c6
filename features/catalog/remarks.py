"""What of a row could not be read: it is reported, and the product is kept without it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from features.catalog.availability import parse_availability
from features.catalog.currencies import currency_code
from features.catalog.prices import NO_MONEY, Money, parse_price
from features.errors import RowError


@dataclass(frozen=True)
class Remarks:
    """Reads the cells of one product's row that may be wrong without costing the product."""

    line: int
    product: str
    errors: list[RowError] = field(default_factory=list)

    def price(self, text: str, currency: str) -> Money:
        """The price, in `currency` where it names none."""
        try:
            return parse_price(text, currency)
        except ValueError as error:
            self._note(error, "price", "bad_price")
            return NO_MONEY

    def currency(self, text: str) -> str:
        """The currency's code."""
        try:
            return currency_code(text)
        except ValueError as error:
            self._note(error, "currency", "bad_currency")
            return ""

    def availability(self, text: str, read: Callable[[str], str] = parse_availability) -> str:
        """One of the four words, or nothing."""
        try:
            return read(text)
        except ValueError as error:
            self._note(error, "availability", "bad_availability")
            return ""

    def _note(self, error: ValueError, what: str, code: str) -> None:
        self.errors.append(
            RowError(
                f"{error}; product {self.product!r} is kept without this {what}",
                line=self.line,
                code=code,
            )
        )
