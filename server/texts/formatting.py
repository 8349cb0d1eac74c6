"""How values read on a page, in its language: prices, numbers, availability, links."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from babel.numbers import format_currency, format_decimal
from flask import Flask, request
from markupsafe import Markup, escape

from features.text import LONGEST_QUERY
from features.types import Detection, Product
from server.pages.addresses import search_address
from server.pictures.catalog import picture_set, picture_url, thumbnail_url
from server.services.loading import current_settings
from server.texts.catalogue import N_
from server.texts.item_labels import ITEMS
from server.texts.languages import asked_language, current_language, gettext

# The currencies with a sign that shoppers know; others are written with their code.
_WITH_SIGN = frozenset(("EUR", "USD", "GBP", "JPY", "INR"))
_NO_CENTS = {"JPY", "KRW", "HUF"}
# The least similarity of each: they mean the same in every store, see features/similarity.
_LIKENESS = {
    98: N_("Nearly identical"),
    85: N_("Very similar"),
    60: N_("Similar"),
    30: N_("Somewhat similar"),
    0: N_("Less similar"),
}
_AVAILABILITY = {
    "in_stock": N_("In stock"),
    "out_of_stock": N_("Out of stock"),
    "preorder": N_("Pre-order"),
    "backorder": N_("Back-order"),
}
_DIGITS = 3  # after the decimal point, at most


def register(app: Flask) -> None:
    """Make the formats known to the templates."""
    app.jinja_env.filters.update(
        price=price,
        number=number,
        linked=linked,
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
    return {
        "settings": current_settings(),
        "words": words,
        "longest_query": LONGEST_QUERY,
        "asked_language": asked_language(),
    }


def price(product: Product) -> str:
    """`€1,299.00`, `1.299,00 €`; the currency's code where it has no common sign."""
    if product.price is None:
        return ""
    locale = current_language().locale
    places = 0 if product.currency in _NO_CENTS else 2
    if product.currency not in _WITH_SIGN:
        pattern = f"#,##0.{'0' * places}".rstrip(".")
        amount = format_decimal(product.price, format=pattern, locale=locale)
        return f"{amount} {product.currency}".strip()
    return format_currency(product.price, product.currency, locale=locale)


def number(value: float) -> str:
    """`1,299`, `1.299`; with what comes after the point only where there is something."""
    return format_decimal(round(value, _DIGITS), locale=current_language().locale)


def linked(text: str, address: str, mark: str = "") -> Markup:
    """A text whose last brackets are a link to an address, with the attribute `mark`."""
    rest, _, after = text.rpartition("]")
    before, _, inside = rest.rpartition("[")
    opening = Markup('<a href="{}" {}>') if mark else Markup('<a href="{}">')
    link = opening.format(address, mark) + inside + Markup("</a>")
    return Markup("").join([escape(before), link, escape(after)])


def likeness(similarity: float) -> str:
    """`Very similar` for 87: a similarity in words."""
    return gettext(next(words for least, words in _LIKENESS.items() if similarity >= least))


def clock(seconds: float) -> str:
    """`1:05`, as a player shows a time."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def availability(product: Product) -> str:
    """`In stock` for `in_stock`, and so on; what is none of them as the catalogue has it."""
    known = _AVAILABILITY.get(product.availability)
    return gettext(known) if known else product.availability.replace("_", " ").capitalize()


def item_names(items: Sequence[Detection]) -> list[str]:
    """A name for each item, numbered where several have the same: `Chair`, `Chair 2`."""
    labels = [item_name(item.label) for item in items]
    seen: Counter[str] = Counter()
    names = []
    for label in labels:
        seen[label] += 1
        names.append(label if seen[label] == 1 else f"{label} {seen[label]}")
    return names


def item_name(label: str) -> str:
    """`Chair` for `chair`; a detector of the shop's own may find what has no name here."""
    return gettext(ITEMS[label]) if label in ITEMS else label.capitalize()


def web_link(url: str) -> str:
    """The address if it leads to the web, else nothing: a feed may hold `javascript:`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
