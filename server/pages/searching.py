"""The shopper's pages: a form, a photo with its items, and the products that one of them finds.

All work without JavaScript. Every state of the search page has an address: `/search?q=WORDS`,
`?product=ID`, `?photo=TOKEN` or `?example=KEY`, and `item=N` or an area by `left`, `top`, `right`
and `bottom` in per cent, `threshold=0..100` for the least similarity, `emphasis=colour` or
`shape` for what counts most, `text=` to refine by words, and any number of `filter=FIELD:VALUE`.
`collection=ID` with any of them searches that collection, and alone asks for a photo; `lang=de` is
answered in that language.
"""

from dataclasses import asdict, replace

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from features.errors import NoTextSideError, UnknownProductError
from features.search import MAX_OFFSET
from features.types import Box, Emphasis, Wanted
from features.videos import is_video
from server.pages.addresses import Pairs, given, given_all, given_besides, search_address
from server.pages.examples import current_examples
from server.pages.refining import FACETS, PRICE_FIELDS, address_with_price, refinements
from server.query.areas import SIDES, area_in_per_cent, box_in_per_cent, nudged
from server.query.asked import (
    Answer,
    answer,
    current_finder,
    keeping,
    kept_or_sent_photo,
    photo_of_page,
)
from server.query.said import text_from
from server.query.uploads import choice_from
from server.query.wanted import wanted_from
from server.query.words import find_by_words, suggestions
from server.services.loading import current_loader, current_service, current_settings
from server.telemetry.exchange import record_stages
from server.texts.formatting import item_names
from server.texts.languages import asked_language
from server.traffic.admission import take_turn

blueprint = Blueprint("pages", __name__)

_SUGGESTIONS = 8


@blueprint.get("/")
def home() -> str:
    """The upload form, with example photos where the shop has some."""
    return render_template("home.html", examples=current_examples().values())


@blueprint.post("/search")
def upload() -> Response | tuple[Response, int]:
    """Keep the photo and show it at an address of its own: reloading sends nothing twice.

    The page's script asks for that address as JSON.
    """
    photo, token = kept_or_sent_photo(request)
    take_turn()
    with keeping(photo, token) as kept:
        _check(photo)
        address = url_for("pages.search", photo=kept())
    if request.accept_mimetypes.best == "application/json":
        return jsonify(address=address), 201
    return redirect(address, code=303)


@blueprint.get("/search")
def search() -> str | Response:
    """The products that words find; those like one of them; or the items of a photo, and theirs."""
    if any(name in request.args for name in PRICE_FIELDS):
        return redirect(address_with_price())
    if request.args.get("q", "").strip():
        return _search_by_words(request.args["q"])
    source = given("photo", "example", "product")
    if len(source) != 1:
        return (
            render_template("home.html") if "collection" in g else redirect(url_for("pages.home"))
        )
    return _search_alike(source["product"]) if "product" in source else _search_photo(source)


def _search_photo(source: dict[str, str]) -> str | Response:
    collection = {"collection": g.collection.id} if "collection" in g else {}
    kept = [*source.items(), *collection.items(), *asked_language(), *_refined()]
    if "nudge" in request.args:
        area = nudged(area_in_per_cent(request.args), request.args["nudge"])
        return redirect(search_address([*kept, *area.items()]))
    wanted = _wanted()
    found, ignored = _answered(wanted)
    return render_template(
        "results.html",
        answer=found,
        result=found.result,
        source=source,
        kept=kept,
        names=item_names(found.found.items if found.found else ()),
        area=box_in_per_cent(found.choice.box),
        notice=current_finder().notice,
        ignored=ignored,
        refine=refinements(found.result.facets),
        **_besides(wanted),
    )


def _answered(wanted: Wanted) -> tuple[Answer, str]:
    """The answer, and words that it had to leave out."""
    photo, text = photo_of_page(request), text_from(request)
    take_turn()
    try:
        return answer(photo, _choice(), wanted, look=True, text=text), ""
    except NoTextSideError:
        said = "" if text is None else text.text
        return answer(photo, _choice(), wanted, look=True), said


def _search_alike(product_id: str) -> str:
    """The products most like one of them; it may be gone since its address was made."""
    view = current_service().view
    rows = view.rows_of(product_id)
    if not rows:
        raise UnknownProductError("This product is no longer sold here.")
    wanted = _wanted()
    take_turn()
    result = current_loader().get_for(wanted.emphasis).similar(product_id, wanted)
    record_stages(**asdict(result.took_ms))
    return render_template(
        "alike.html",
        product=view.product_of(rows[0]),
        picture=view.pictures[rows[0]],
        result=result,
        refine=refinements(result.facets),
        **_besides(wanted),
    )


def _wanted() -> Wanted:
    """What the page's address wants; what words find by pictures has no similarity to want."""
    wanted = wanted_from(request, current_settings().results)
    spoken = (
        request.args.get("text", "").strip() and current_loader().get_for(words=True).knows_words
    )
    return replace(wanted, facets=FACETS, threshold=0.0 if spoken else wanted.threshold)


def _besides(wanted: Wanted) -> dict[str, object]:
    """What the forms beside an answer carry on, and how much of it is chosen."""
    said = request.args.get("text", "").strip()
    chosen = [wanted.threshold, said, wanted.emphasis is not Emphasis.BALANCED]
    return {
        "besides": given_besides("threshold", "emphasis", "offset"),
        "besides_text": given_besides("text", "offset"),
        "any_similarity": search_address(given_besides("threshold", "offset")),
        "without_text": search_address(given_besides("text", "offset")),
        "said": said,
        "chosen": len(wanted.filters) + sum(map(bool, chosen)),
        "threshold": wanted.threshold,
        "emphases": [*Emphasis] if current_loader().can_emphasise else [],
        "emphasis": wanted.emphasis,
    }


def _refined() -> Pairs:
    """What stays when another part of the photo is searched; the usual emphasis goes unsaid."""
    stays = given_all("threshold", "emphasis", "text", "filter")
    return [pair for pair in stays if pair != ("emphasis", Emphasis.BALANCED)]


@blueprint.get("/suggestions")
def suggested() -> str:
    """What words may become while they are typed, as options of a list."""
    found = suggestions(request.args.get("q", ""), _SUGGESTIONS)
    return render_template("_suggested.html", suggested=found.texts)


def _search_by_words(words: str) -> str:
    wanted = replace(wanted_from(request, current_settings().results), facets=FACETS)
    result = find_by_words(words, wanted)
    last = wanted.offset + wanted.limit
    return render_template(
        "words.html",
        words=words,
        shown_for=(result.all_words and result.did_you_mean) or words,
        result=result,
        refine=refinements(result.facets),
        first=wanted.offset,
        before=_at_offset(max(0, wanted.offset - wanted.limit)) if wanted.offset else "",
        more=_at_offset(last) if last < result.total and last <= MAX_OFFSET else "",
    )


def _at_offset(offset: int) -> str:
    """The address of this page from another product on."""
    return search_address([*given_besides("offset"), ("offset", offset)])


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
