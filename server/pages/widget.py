"""The widgets' scripts and words at addresses that stay: shops' pages of any origin load them."""

import json
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from server.texts.catalogue import N_
from server.texts.item_labels import ITEMS
from server.texts.languages import current_language, gettext
from server.texts.problems import told_of_all

blueprint = Blueprint("widget", __name__)

TEXTS = {
    "heading": N_("Similar items"),
    "replacement": N_("Similar and in stock"),
    "out-of-stock": N_("Out of stock"),
    "preorder": N_("Pre-order"),
    "backorder": N_("Back-order"),
    "open": N_("Search with a photo"),
    "close": N_("Close"),
    "choose": N_("Choose a photo"),
    "camera": N_("Take a photo"),
    "another": N_("Try another photo"),
    "drop": N_("or drop or paste one here"),
    "photo": N_("Your photo"),
    "items": N_("Items in your photo"),
    "item": N_("Search for: {item}"),
    "whole": N_("Whole picture"),
    "looking": N_("Looking at your photo …"),
    "searching": N_("Searching …"),
    "found": N_("Products found: {count}"),
    "unsure": N_("Nothing in the shop looks quite like it. These come closest."),
    "none": N_("Nothing like it was found. Try another part of it, or another photo."),
    "unreachable": N_(
        "The search cannot be reached at the moment. Please try again, or try another photo."
    ),
    "no-picture": N_("That was not a picture file. Try another photo."),
}
_FOLDER = Path(__file__).resolve().parents[2] / "static" / "widget"
_HOUR = 3_600


@blueprint.get("/widget/<name>.js")
def script(name: str) -> Response:
    """One of the ES modules; browsers load modules of other origins only with their leave."""
    response = send_from_directory(
        _FOLDER, f"{name}.js", mimetype="text/javascript", max_age=_HOUR, etag=True
    )
    return _for_all(response)


@blueprint.get("/widget/texts.js")
def texts() -> Response:
    """What the widgets say, as one more module: in the language `lang`, or the browser's."""
    words = json.dumps(_words(), ensure_ascii=False, separators=(",", ":"))
    response = Response(f"export default {words};\n", mimetype="text/javascript")
    response.add_etag()
    response.cache_control.max_age = _HOUR
    response.make_conditional(request)
    return _for_all(response)


def _words() -> dict[str, object]:
    language = current_language()
    errors = {f"error-{code}": text for code, text in told_of_all().items()}
    return {
        "language": language.code,
        "direction": language.direction,
        "texts": {**{name: gettext(text) for name, text in TEXTS.items()}, **errors},
        "items": {label: gettext(text) for label, text in ITEMS.items()},
    }


def _for_all(response: Response) -> Response:
    response.cache_control.public = True
    response.access_control_allow_origin = "*"
    return response
