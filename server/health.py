"""Is the process alive, and would a search be answered?"""

from flask import Blueprint, Response, jsonify

from features.errors import VisualSearchError
from server.asked import current_finder
from server.errors import public_message
from server.loading import current_loader

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The store is open and the extractor is loaded; until then 503 with the reason.

    `detector` is `loading` for the first seconds: searches with a box of their own do not wait.
    """
    loader = current_loader()
    if not loader.ready:
        loader.warm_up()
        return _not_ready(loader.error)
    view = loader.get().view
    return (
        jsonify(
            status="ready",
            extractor=view.spec.name,
            index_version=view.version,
            products=len(view.products),
            pictures=view.picture_count,
            detector=current_finder().name,
        ),
        200,
    )


def _not_ready(error: VisualSearchError | None) -> tuple[Response, int]:
    if error is None:
        return jsonify(status="loading", detail="The store and the extractor are loading."), 503
    return jsonify(status="unavailable", code=error.code, detail=public_message(error)), 503
