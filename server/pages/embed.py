"""Pages for frames, where a shop's platform allows nothing else.

`/embed/similar/ID` and `/embed/search` work without JavaScript; with it they tell the page around
them how high they are. `/embed/similar?product_id=ID` is for ids that cannot stand in a path.
"""

import re
from dataclasses import replace

from babel import Locale, UnknownLocaleError
from flask import Blueprint, current_app, render_template, request

from features.errors import VisualSearchError
from features.filters import parse_filters
from features.types import Hit
from server.errors import status_of
from server.query.wanted import wanted_from
from server.services.loading import current_loader, current_service
from server.texts.catalogue import N_
from server.texts.languages import FIELD, current_language, gettext
from server.traffic.admission import take_turn

blueprint = Blueprint("embed", __name__)

_LIMIT = 12
_LONGEST_HEADING = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_REPLACEMENT = "replacement"
# What the page around has; a frame of another scheme would be a dark patch on a light page.
_SCHEMES = {"dark": "dark", "auto": "light dark"}
_HEADINGS = {_REPLACEMENT: N_("Similar and in stock")}


@blueprint.get("/embed/similar")
@blueprint.get("/embed/similar/<path:product_id>")
def similar(product_id: str = "") -> tuple[str, int]:
    """The widget's list; empty, and without height, where there is nothing to show."""
    product_id = product_id or request.args.get("product_id", "")
    hits, status = _hits(product_id)
    heading = _HEADINGS.get(request.args.get("mode", ""), N_("Similar items"))
    page = render_template(
        "embed_similar.html", hits=hits, product_id=product_id, **_words(heading)
    )
    return page, status


@blueprint.get("/embed/search")
def search() -> str:
    """The widget's dialog as a page; without JavaScript a form that opens a tab of its own."""
    return render_template("embed_search.html", **_words(N_("Search with a photo")))


def _hits(product_id: str) -> tuple[tuple[Hit, ...], int]:
    try:
        return _found(product_id), 200
    except VisualSearchError as error:
        current_app.logger.warning("%s: %s", error.code, error)
        return (), status_of(error)


def _found(product_id: str) -> tuple[Hit, ...]:
    wanted = wanted_from(request, _LIMIT)
    if request.args.get("mode") == _REPLACEMENT:
        if not _is_sold_out(product_id):
            return ()
        filters = parse_filters([*request.args.getlist("filter"), "availability:in_stock"])
        wanted = replace(wanted, filters=filters)
    take_turn()
    service = current_loader().get_for(wanted.emphasis)
    return tuple(service.similar(product_id, wanted).hits)


def _is_sold_out(product_id: str) -> bool:
    """The page around knows best; where it says nothing, the catalogue does."""
    product = current_service().view.products.get(product_id)
    known = product.availability if product else ""
    return request.args.get("availability", known) == "out_of_stock"


def _words(heading: str) -> dict[str, str]:
    language = request.args.get(FIELD, "")
    return {
        "heading": request.args.get("heading", gettext(heading))[:_LONGEST_HEADING],
        "language": language if _LANGUAGE.fullmatch(language) else current_language().code,
        "direction": _direction(language),
        "scheme": _SCHEMES.get(request.args.get("scheme", ""), "light"),
    }


def _direction(language: str) -> str:
    """Which way the page around writes, also in a language whose texts are not here."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (ValueError, UnknownLocaleError):
        return current_language().direction
