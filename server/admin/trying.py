"""Try a query: the stages that it takes with their milliseconds, its items, and its hits."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from flask import render_template, request

from features.errors import VisualSearchError
from features.search import MAX_LIMIT
from features.store import StoreSet
from features.types import Wanted
from server.access.sessions import signed_in
from server.admin.telling import Page, told
from server.errors import status_of
from server.query.asked import Answer, answer, keeping, kept_or_sent_photo
from server.query.uploads import choice_from
from server.query.wanted import whole_from
from server.services.collections import choose, current_collections
from server.services.loading import current_settings
from server.texts.formatting import item_names
from server.traffic.admission import take_turn

_LIMIT = 12


@dataclass(frozen=True)
class Stage:
    """A part of the work, in the order of it; `since` is what all before it took."""

    name: str
    meaning: str
    ms: float
    since: float


_MEANINGS = {
    "detect": "finding the items",
    "choose": "comparing them with the catalogue",
    "decode": "decoding the photo",
    "embed": "the network",
    "search": "the index",
    "rest": "receiving, keeping, everything else",
}


@signed_in
def try_form() -> Page:
    """The form alone."""
    return render_template("admin/try.html", **choices())


@signed_in
def try_photo() -> Page:
    """What a photo finds, and how."""
    started = time.perf_counter()
    try:
        found, token = _found()
    except VisualSearchError as error:
        page = render_template("admin/try.html", problem=told(error), **choices())
        return page, status_of(error)
    stages = list(_stages(found, (time.perf_counter() - started) * 1000))
    return render_template(
        "admin/tried.html",
        answer=found,
        result=found.result,
        names=item_names(found.found.items if found.found else ()),
        token=token,
        stages=stages,
        total=sum(stage.ms for stage in stages),
        **choices(),
    )


def choices() -> dict[str, Any]:
    """What the form offers, and what was chosen in it."""
    return {
        "extractors": _extractors(),
        "searchable": current_collections().shelf.collections(),
        "most": MAX_LIMIT,
        "chosen": {
            "extractor": request.form.get("extractor", ""),
            "limit": request.form.get("limit", _LIMIT),
            "in": request.form.get("in", ""),
        },
    }


def _found() -> tuple[Answer, str]:
    """The answer, and the token of the photo."""
    if request.form.get("in"):
        choose(request.form["in"])
    wanted = Wanted(limit=whole_from(request, "limit", _LIMIT, low=1, high=MAX_LIMIT))
    choice = choice_from(request)
    photo, token = kept_or_sent_photo(request)
    take_turn()
    with keeping(photo, token) as kept:
        extractor = request.form.get("extractor") or None
        return answer(photo, choice, wanted, look=True, extractor=extractor), kept()


def _stages(found: Answer, took_ms: float) -> Iterator[Stage]:
    times = {
        "detect": found.look_ms,
        "choose": found.choose_ms,
        **asdict(found.result.took_ms),
    }
    times["rest"] = max(0.0, took_ms - sum(times.values()))
    since = 0.0
    for name, ms in times.items():
        yield Stage(name, _MEANINGS[name], ms, since)
        since += ms


def _extractors() -> list[str]:
    try:
        return StoreSet(current_settings().store).names()
    except VisualSearchError:
        return []
