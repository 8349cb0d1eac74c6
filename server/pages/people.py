"""The page that finds pictures of the same person: one request, one answer, nothing kept."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from features.errors import PictureNotFoundError
from features.images import content_hash, decode, read_picture
from features.people import FoundFace, FoundPeople
from features.types import Image
from server.pictures.catalog import thumbnail
from server.query.uploads import photo_from
from server.services.loading import current_settings
from server.services.people import people_for_all
from server.traffic.admission import take_turn

blueprint = Blueprint("people_pages", __name__)

_SIDE, _PORTRAIT = 960, 160
_MARGIN = 0.2  # around a face, of its own size
_RESULTS = 24


@dataclass(frozen=True)
class ShownFace:
    """A face of the photo as the page shows it; `portrait` is the address of a data URL."""

    found: FoundFace
    portrait: str


@blueprint.get("/people")
def people() -> str:
    """The upload form."""
    people_for_all()
    return render_template("people.html", found=None)


@blueprint.post("/people")
def search() -> Response:
    """The photo with its faces, and the pictures that each finds; all inside this one answer."""
    searching = people_for_all()
    photo = photo_from(request, current_settings().limits)
    take_turn()
    found = searching.search(photo, limit=_RESULTS)
    page = render_template(
        "people.html",
        found=found,
        photo=_data_url(thumbnail(photo, _SIDE, current_settings().limits)),
        faces=_shown(photo, found),
    )
    response = Response(page)
    response.cache_control.no_store = True
    return response


@blueprint.get("/people/pictures/<string(length=32):digest>")
def picture(digest: str) -> Response:
    """A picture of somebody enrolled, small; gone with the last face that is kept of it."""
    faces = people_for_all().gallery.faces
    location = next((face.location for face in faces if face.content_hash == digest), None)
    if location is None:
        raise PictureNotFoundError("nobody is enrolled with this picture")
    data = read_picture(Path(location))
    if content_hash(data) != digest:
        raise PictureNotFoundError(f"{location} is another picture than the one enrolled")
    response = Response(thumbnail(data, _SIDE, current_settings().limits), mimetype="image/webp")
    response.cache_control.no_store = True
    return response


def _shown(photo: bytes, found: FoundPeople) -> list[ShownFace]:
    image = decode(photo, current_settings().limits, detail=_SIDE)
    return [ShownFace(face, _portrait(image, face)) for face in found.faces]


def _portrait(image: Image, face: FoundFace) -> str:
    box = face.box.grown(_MARGIN)
    sides = box.x1 * image.width, box.y1 * image.height, box.x2 * image.width, box.y2 * image.height
    small = image.resize((_PORTRAIT, _PORTRAIT), box=sides)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=80)
    return _data_url(buffer.getvalue())


def _data_url(webp: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
