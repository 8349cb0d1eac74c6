"""`/add`, `/remove`, `/search` and `/stats`: a path in, JSON out."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from features.errors import InvalidQueryError
from features.local import FailedPicture
from server.local.daemon import Daemon
from server.query.wanted import wanted_from

blueprint = Blueprint("local", __name__)

_LIMIT = 20


@blueprint.get("/add")
def add() -> Response:
    """Add a picture, or all below a folder; what is known is not read again."""
    daemon = _daemon()
    done = daemon.gallery.add(_path(daemon), daemon.extractors(_extractor()))
    return jsonify(
        added=done.added,
        replaced=done.replaced,
        known=done.known,
        failed=[_as_json(picture) for picture in done.failed],
        images=done.total,
    )


@blueprint.get("/remove")
def remove() -> Response:
    """Remove a picture, or all below a folder; the files stay."""
    daemon = _daemon()
    return jsonify(removed=daemon.gallery.remove(_path(daemon), daemon.extractors(_extractor())))


@blueprint.get("/search")
def search() -> Response:
    """The pictures that look most like one, the nearest first."""
    daemon = _daemon()
    hits = daemon.search(_path(daemon), wanted_from(request, _LIMIT).limit, _extractor())
    return jsonify(results=[{"image": hit.product.id, "distance": hit.distance} for hit in hits])


@blueprint.get("/stats")
def stats() -> Response:
    """What is loaded."""
    return jsonify(_daemon().stats())


def _daemon() -> Daemon:
    daemon: Daemon = current_app.extensions["daemon"]
    return daemon


def _path(daemon: Daemon) -> Path:
    text = request.args.get("image", "")
    if not text:
        raise InvalidQueryError("name a picture: ?image=/absolute/path")
    return daemon.allowed.resolve(text)


def _extractor() -> str | None:
    return request.args.get("extractor") or None


def _as_json(picture: FailedPicture) -> dict[str, Any]:
    told = asdict(picture)
    return {"image": told.pop("path"), **told}
