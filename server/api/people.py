"""`/api/v1/people`: pictures of the people of a photo; what is kept of a subject, and its end."""

from typing import Any

from flask import Response, jsonify, request, url_for

from features.errors import InvalidQueryError
from features.people import EnrolledFace, FaceStore, FoundFace, PersonMatch
from features.types import Box
from server.access.admin import admin_only, is_admin
from server.config import PEOPLE_FOR_ALL
from server.query.uploads import photo_from
from server.services.collections import refuse_in_form
from server.services.loading import current_settings
from server.services.people import current_people, people_for_caller
from server.traffic.admission import take_turn

_LIMIT, _MAX_LIMIT = 20, 100
_PATIENCE = 5.0  # seconds that a deletion waits for somebody who enrols


def search() -> Response:
    """The file `image`; `face` chooses one of its people, `limit` is of each. Nothing is kept."""
    people = people_for_caller()
    refuse_in_form()
    face, limit = _number("face"), _number("limit")
    if limit is not None and not 1 <= limit <= _MAX_LIMIT:
        raise InvalidQueryError(f"limit is {limit}; it must be a whole number from 1 to 100.")
    photo = photo_from(request, current_settings().limits)
    take_turn()
    found = people.search(photo, face, limit or _LIMIT)
    return jsonify(
        threshold=current_settings().people_threshold,
        faces=[_as_face(seen) for seen in found.faces],
    )


@admin_only
def show(subject: str) -> Response:
    """What is kept of a subject, but for the vectors."""
    faces = current_people().gallery.of(subject)
    return jsonify(subject=subject, faces=[_as_kept(face) for face in faces])


@admin_only
def delete(subject: str) -> Response:
    """Every face of a subject; its vectors are in no file any more once this is answered."""
    people = current_people()
    if not people.gallery.version:  # else a folder would be made to find nobody in it
        people.gallery.of(subject)
    with FaceStore(people.folder, wait=_PATIENCE, purpose="deleting a subject") as store:
        return jsonify(deleted=subject, faces=store.delete(subject))


def _number(name: str) -> int | None:
    text = request.values.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise InvalidQueryError(f"{name} is {text[:20]!r}; it must be a whole number.")
    return int(text[:9])


def _as_face(face: FoundFace) -> dict[str, Any]:
    return {
        "face": face.number,
        "box": _as_box(face.box),
        "known": bool(face.matches),
        "matches": [_as_match(match) for match in face.matches],
    }


def _as_match(match: PersonMatch) -> dict[str, Any]:
    """Names and places are for admins: whoever has a photo should not learn who is on it."""
    face = match.face
    shown = current_settings().people == PEOPLE_FOR_ALL
    address = url_for("people_pages.picture", digest=face.content_hash) if shown else None
    return {
        "picture": face.content_hash,
        "image_url": address,
        "box": _as_box(face.box),
        "distance": match.distance,
        "subject": face.subject if is_admin() else None,
        "location": face.location if is_admin() else None,
    }


def _as_kept(face: EnrolledFace) -> dict[str, Any]:
    return {
        "picture": face.content_hash,
        "location": face.location,
        "box": _as_box(face.box),
        "enrolled": face.enrolled,
    }


def _as_box(box: Box) -> list[float]:
    return [round(side, 6) for side in (box.x1, box.y1, box.x2, box.y2)]
