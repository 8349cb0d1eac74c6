"""How values read on a page: prices, availability, links."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import urlsplit

from flask import Flask, request

from features.text import LONGEST_QUERY
from features.types import Detection, Product
from server.addresses import search_address
from server.loading import current_settings
from server.pictures import picture_set, picture_url, thumbnail_url

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_NO_CENTS = {"JPY", "KRW", "HUF"}
# The least similarity of each: they mean the same in every store, see features/similarity.
_LIKENESS = {
    98: "Nearly identical",
    85: "Very similar",
    60: "Similar",
    30: "Somewhat similar",
    0: "Less similar",
}


def register(app: Flask) -> None:
    """Make the formats known to the templates."""
    app.jinja_env.filters.update(
        price=price,
        availability=availability,
        web_link=web_link,
        clock=clock,
        likeness=likeness,
        picture_url=picture_url,
        picture_set=picture_set,
        thumbnail_url=thumbnail_url,
    )
    app.jinja_env.globals["search_address"] = search_address
    app.context_processor(_shared)


def _shared() -> dict[str, object]:
    """What every page may show: the shop's settings, and the words that it was asked with."""
    words = request.args.get("q", "")[:LONGEST_QUERY] if request.method == "GET" else ""
    return {"settings": current_settings(), "words": words, "longest_query": LONGEST_QUERY}


def price(product: Product) -> str:
    """`€1,299.00`; the currency's code where it has no common sign; empty without a price."""
    if product.price is None:
        return ""
    places = 0 if product.currency in _NO_CENTS else 2
    number = f"{product.price.quantize(Decimal(1).scaleb(-places)):,}"
    symbol = _SYMBOLS.get(product.currency)
    return f"{symbol}{number}" if symbol else f"{number} {product.currency}".strip()


def likeness(similarity: float) -> str:
    """`Very similar` for 87: a similarity in words."""
    return next(words for least, words in _LIKENESS.items() if similarity >= least)


def clock(seconds: float) -> str:
    """`1:05`, as a player shows a time."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def availability(product: Product) -> str:
    """`In stock` for `in_stock`, and so on."""
    return product.availability.replace("_", " ").capitalize()


def item_names(items: Sequence[Detection]) -> list[str]:
    """A name for each item, numbered where several have the same: `Chair`, `Chair 2`."""
    labels = [item.label.capitalize() for item in items]
    seen: Counter[str] = Counter()
    names = []
    for label in labels:
        seen[label] += 1
        names.append(label if seen[label] == 1 else f"{label} {seen[label]}")
    return names


def web_link(url: str) -> str:
    """The address if it leads to the web, else nothing: a feed may hold `javascript:`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
