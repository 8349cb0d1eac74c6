"""What refines an answer on a page: chips of its categories, brands, colours, prices and stock.

Each chip is the address of the page with one filter more, or without it: they work without
JavaScript, and whoever is sent the address sees the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import request

from features.filters import COLOURS, Facets, as_asked, field_named
from server.pages.addresses import Pairs, given_besides, search_address

PRICE_FIELDS = ("price_from", "price_to")
_GROUPS = ("category", "brand", *COLOURS)
FACETS = (*_GROUPS, "price", "availability")
_MOST_CHIPS = 12
_IN_STOCK = "in_stock"


@dataclass(frozen=True)
class Chip:
    """One value of a field; its address chooses it, or what is chosen no more."""

    value: str
    count: int
    """The products that have it, among those counted."""
    address: str
    chosen: bool


@dataclass(frozen=True)
class ChipGroup:
    """The values of one field."""

    field: str
    chips: tuple[Chip, ...]

    @property
    def chosen(self) -> str:
        """The value that is chosen; empty if none is."""
        return next((chip.value for chip in self.chips if chip.chosen), "")


@dataclass(frozen=True)
class PriceFields:
    """A price from and to, as they are set, and what prices there are."""

    low: str
    high: str
    least: int | None
    most: int | None
    besides: Pairs
    """The rest of the address."""


@dataclass(frozen=True)
class Refinements:
    """All that an answer can be refined by."""

    groups: tuple[ChipGroup, ...]
    in_stock: Chip | None
    price: PriceFields | None
    without: str
    """The address without any filter; empty where there is none."""

    @property
    def any(self) -> bool:
        """Whether there is something to choose, or to take back."""
        return bool(self.groups or self.in_stock or self.price or self.without)

    @property
    def word(self) -> str:
        """What may be said, for an example: a colour that products have; empty if none is known."""
        colours = (group for group in self.groups if group.field in COLOURS)
        chips = (chip for group in colours for chip in group.chips)
        return next((chip.value for chip in chips if not chip.chosen), "")


def refinements(facets: Facets) -> Refinements:
    """The chips of an answer to the current request."""
    filtered = bool(request.args.getlist("filter"))
    return Refinements(
        groups=tuple(filter(_worth_showing, (_group(name, facets) for name in _GROUPS))),
        in_stock=_in_stock(facets.get("availability", {})),
        price=_price(facets.get("price", {})),
        without=search_address(given_besides("filter", "offset")) if filtered else "",
    )


def address_with_price() -> str:
    """The address that a form with the `PRICE_FIELDS` means."""
    low, high = _in_order(*(request.args.get(name, "").strip() for name in PRICE_FIELDS))
    pairs = [pair for pair in _without("price") if pair[0] not in PRICE_FIELDS]
    return search_address([*pairs, ("filter", f"price:{low},{high}")] if low or high else pairs)


def _in_order(low: str, high: str) -> tuple[str, str]:
    """Whoever types the larger price first means the same; what is no number is refused later."""
    try:
        return (high, low) if Decimal(low) > Decimal(high) else (low, high)
    except InvalidOperation:
        return low, high


def _group(field: str, facets: Facets) -> ChipGroup:
    counts = dict([*facets.get(field, {}).items()][:_MOST_CHIPS])
    chosen = _chosen(field)
    known = {as_asked(field, value) for value in counts}
    wanted = {as_asked(field, value): value for value in chosen}
    lacking = {value: 0 for asked, value in wanted.items() if asked not in known}
    return ChipGroup(
        field,
        tuple(
            _chip(field, value, count, as_asked(field, value) in wanted)
            for value, count in {**lacking, **counts}.items()
        ),
    )


def _worth_showing(group: ChipGroup) -> bool:
    """A single value that all have refines nothing."""
    return len(group.chips) > 1 or bool(group.chosen)


def _in_stock(counts: Mapping[str, int]) -> Chip | None:
    chosen = _IN_STOCK in (as_asked("availability", text) for text in _chosen("availability"))
    if not chosen and (_IN_STOCK not in counts or len(counts) < 2):
        return None
    return _chip("availability", _IN_STOCK, counts.get(_IN_STOCK, 0), chosen)


def _price(prices: Mapping[str, int]) -> PriceFields | None:
    low, comma, high = next(iter(_chosen("price")), "").partition(",")
    if not comma:
        high = low  # one price, as filters take it
    least, most = prices.get("min"), prices.get("max")
    if not (low or high) and least == most:
        return None
    return PriceFields(low.strip(), high.strip(), least, most, _without("price"))


def _chip(field: str, value: str, count: int, chosen: bool) -> Chip:
    """A chosen chip takes the field's filter back; another one takes its place."""
    pairs = _without(field)
    filters = [] if chosen else [("filter", f"{field}:{value}")]
    return Chip(value, count, search_address([*pairs, *filters]), chosen)


def _without(field: str) -> Pairs:
    """The current address without a field's filters, from its first product on."""
    return [
        (name, value)
        for name, value in given_besides("offset")
        if name != "filter" or _field_of(value) != field
    ]


def _chosen(field: str) -> list[str]:
    return [
        text.partition(":")[2].strip()
        for text in request.args.getlist("filter")
        if _field_of(text) == field
    ]


def _field_of(text: str) -> str:
    return field_named(text.partition(":")[0])
