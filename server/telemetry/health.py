"""Is the process alive, and would a search be answered?"""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from features.errors import VisualSearchError
from features.store import Missing
from server.errors import public_message
from server.query.asked import current_finder
from server.services.loading import current_loader

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The store is open and the extractor is loaded; until then 503 with the reason.

    The status `degraded` says that the rest of a damaged store is searched, and `damage` what is
    missing. `detector` is `loading` for the first seconds: searches with a box of their own do not
    wait.
    """
    loader = current_loader()
    if not loader.ready:
        loader.warm_up()
        return _not_ready(loader.error)
    view = loader.get().view
    damage = {} if view.missing is None else {"damage": _damage(view.missing)}
    return (
        jsonify(
            status="degraded" if damage else "ready",
            extractor=view.spec.name,
            index_version=view.version,
            products=len(view.products),
            pictures=view.picture_count,
            detector=current_finder().name,
            **damage,
        ),
        200,
    )


def trouble() -> str:
    """What is wrong with the catalogue's store, in words for its owner; empty if nothing is."""
    loader = current_loader()
    if not loader.ready:
        return "" if loader.error is None else public_message(loader.error)
    try:
        missing = loader.get().view.missing
    except VisualSearchError as error:
        return public_message(error)
    return "" if missing is None else f"The store is damaged: {_told(missing)}"


def _damage(missing: Missing) -> dict[str, object]:
    return {**asdict(missing), "detail": _told(missing)}


def _told(missing: Missing) -> str:
    pictures = "1 picture" if missing.pictures == 1 else f"{missing.pictures:,} pictures"
    problems = "; ".join(missing.problems)
    return f"{pictures} cannot be found ({problems}). Run scripts/verify_store.py --repair."


def _not_ready(error: VisualSearchError | None) -> tuple[Response, int]:
    if error is None:
        return jsonify(status="loading", detail="The store and the extractor are loading."), 503
    return jsonify(status="unavailable", code=error.code, detail=public_message(error)), 503
