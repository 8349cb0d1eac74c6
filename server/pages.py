"""The shopper's pages: a form, a photo with its items, and the products that one of them finds.

All work without JavaScript. Every state of the search page has an address: `/search?q=WORDS`,
`?photo=TOKEN` or `?example=KEY`, and `item=N` or an area by `left`, `top`, `right` and `bottom` in
per cent, `threshold=0..100` for the least similarity, and `emphasis=colour` or `shape` for what
counts most. `collection=ID` with any of them searches that collection, and alone asks for a photo.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from features.search import MAX_OFFSET
from features.types import Box, Emphasis
from features.videos import is_video
from server.areas import SIDES, area_in_per_cent, box_in_per_cent, nudged
from server.asked import answer, current_finder, keeping, kept_or_sent_photo, photo_of_page
from server.examples import current_examples
from server.exchange import record_stages
from server.formatting import item_names
from server.loading import current_loader, current_service, current_settings
from server.uploads import choice_from
from server.wanted import wanted_from
from server.words import find_by_words, suggestions

blueprint = Blueprint("pages", __name__)

_SUGGESTIONS = 8


@blueprint.get("/")
def home() -> str:
    """The upload form, with example photos where the shop has some."""
    return render_template("home.html", examples=current_examples().values())


@blueprint.post("/search")
def upload() -> Response:
    """Keep the photo and show it at an address of its own: reloading sends nothing twice."""
    photo, token = kept_or_sent_photo(request)
    with keeping(photo, token) as kept:
        _check(photo)
        return redirect(url_for("pages.search", photo=kept()), code=303)


@blueprint.get("/search")
def search() -> str | Response:
    """The products that words find; or the items of a photo, and the products nearest to one."""
    if request.args.get("q", "").strip():
        return _search_by_words(request.args["q"])
    source = _given("photo", "example")
    if len(source) != 1:
        return (
            render_template("home.html") if "collection" in g else redirect(url_for("pages.home"))
        )
    if "collection" in g:
        source["collection"] = g.collection.id
    kept = {**source, **_refined()}
    if "nudge" in request.args:
        area = nudged(area_in_per_cent(request.args), request.args["nudge"])
        return redirect(_search_address({**kept, **area}))
    wanted = wanted_from(request, current_settings().results)
    found = answer(photo_of_page(request), _choice(), wanted, look=True)
    return render_template(
        "results.html",
        answer=found,
        source=source,
        kept=kept,
        besides=_given_besides("threshold", "offset"),
        threshold=wanted.threshold,
        emphases=[*Emphasis] if current_loader().can_emphasise else [],
        emphasis=wanted.emphasis,
        names=item_names(found.found.items if found.found else ()),
        area=box_in_per_cent(found.choice.box),
        notice=current_finder().notice,
    )


@blueprint.get("/suggestions")
def suggested() -> str:
    """What words may become while they are typed, as options of a list."""
    found = suggestions(request.args.get("q", ""), _SUGGESTIONS)
    return render_template("_suggested.html", suggested=found.texts)


def _search_by_words(words: str) -> str:
    wanted = wanted_from(request, current_settings().results)
    result = find_by_words(words, wanted)
    last = wanted.offset + wanted.limit
    return render_template(
        "words.html",
        words=words,
        shown_for=(result.all_words and result.did_you_mean) or words,
        result=result,
        first=wanted.offset,
        before=_at_offset(max(0, wanted.offset - wanted.limit)) if wanted.offset else "",
        more=_at_offset(last) if last < result.total and last <= MAX_OFFSET else "",
    )


def _at_offset(offset: int) -> str:
    """The address of this page from another product on."""
    return _search_address([*_given_besides("offset"), ("offset", offset)])


def _search_address(query: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """The address of the search page with a query that is whole; a collection is part of it."""
    pairs = [*query.items()] if isinstance(query, Mapping) else [*query]
    return f"{url_for('pages.search', collection=None)}?{urlencode(pairs)}"


def _given(*names: str) -> dict[str, str]:
    return {name: request.args[name] for name in names if request.args.get(name)}


def _refined() -> dict[str, str]:
    """What stays when another part of the photo is searched; the usual emphasis goes unsaid."""
    given = _given("threshold", "emphasis")
    return {name: value for name, value in given.items() if value != Emphasis.BALANCED}


def _given_besides(*names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name not in names]


def _check(photo: bytes) -> None:
    """A photo that cannot be used is refused at once, and so is a video."""
    if is_video(photo):
        current_service().watch(photo)
    else:
        _, took_ms = current_finder().find(photo)
        record_stages(detect=took_ms)


def _choice() -> Box | int | None:
    if any(side in request.args for side in SIDES):
        sides = {side: share / 100 for side, share in area_in_per_cent(request.args).items()}
        return Box(sides["left"], sides["top"], sides["right"], sides["bottom"])
    return choice_from(request)
