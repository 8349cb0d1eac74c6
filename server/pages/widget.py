"""The widgets' scripts and words at addresses that stay: shops' pages of any origin load them."""

import json
from typing import cast

from flask import Blueprint, Response, abort, request

from server.pages.release import current_release
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
_HOUR = 3_600
_YEAR = 365 * 24 * _HOUR


@blueprint.get("/widget/<name>.js")
def script(name: str) -> Response:
    """One of the ES modules."""
    release = current_release()
    if name not in release.scripts:
        abort(404)
    return _module(release.scripts[name], lasts=request.args.get("v") == release.id)


@blueprint.get("/widget/texts.js")
def texts() -> Response:
    """What the widgets say, as one more module: in the language `lang`, or the browser's."""
    words = json.dumps(_words(), ensure_ascii=False, separators=(",", ":"))
    return _module(f"export default {words};\n")


def _words() -> dict[str, object]:
    language = current_language()
    errors = {f"error-{code}": text for code, text in told_of_all().items()}
    return {
        "language": language.code,
        "direction": language.direction,
        "texts": {**{name: gettext(text) for name, text in TEXTS.items()}, **errors},
        "items": {label: gettext(text) for label, text in ITEMS.items()},
    }


def _module(text: str, *, lasts: bool = False) -> Response:
    """Browsers load modules of other origins only with their leave.

    It may be kept for an hour, one that `lasts` for good; but not what the script of another
    release asks for, as happens while servers are updated one after the other.
    """
    response = Response(text, mimetype="text/javascript")
    response.add_etag()
    kept = response.cache_control
    if request.args.get("v", current_release().id) != current_release().id:
        kept.no_cache = True
        kept.public = True
    else:
        kept.public = True
        kept.max_age = _YEAR if lasts else _HOUR
        kept.immutable = lasts
    response.access_control_allow_origin = "*"
    return cast(Response, response.make_conditional(request))
