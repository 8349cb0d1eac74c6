"""The shopper's pages: a form, and the products that a photo finds. All work without JavaScript."""

import base64

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from features.images import read_picture
from features.types import Query
from server.examples import current_examples, find_example
from server.loading import current_service, current_settings
from server.pictures import thumbnail
from server.uploads import limit_from, photo_from

blueprint = Blueprint("pages", __name__)

_PREVIEW_SIDE = 480


@blueprint.get("/")
def home() -> str:
    """The upload form, with example photos where the shop has some."""
    return render_template("home.html", examples=current_examples().values())


@blueprint.post("/search")
def search_upload() -> str:
    """The products nearest to an uploaded photo."""
    photo = photo_from(request, current_settings().limits)
    return _results(photo)


@blueprint.get("/search")
def search_example() -> str | Response:
    """The products nearest to an example photo: `/search?example=KEY`."""
    key = request.args.get("example")
    if key is None:
        return redirect(url_for("pages.home"))
    return _results(read_picture(find_example(key).path))


def _results(photo: bytes) -> str:
    settings = current_settings()
    limit = limit_from(request, settings.results)
    result = current_service().search(Query(photo, limit))
    preview = base64.b64encode(thumbnail(photo, _PREVIEW_SIDE, settings.limits)).decode()
    return render_template(
        "results.html", result=result, preview=f"data:image/webp;base64,{preview}"
    )
