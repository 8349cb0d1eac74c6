"""Catalogue pictures by content hash: an address always means the same bytes, so it caches."""

import io

from flask import Blueprint, Response, url_for

from features.images import PictureLimits, content_hash, decode, picture_format
from features.types import GalleryPicture
from server.loading import current_service

blueprint = Blueprint("pictures", __name__)

_BROWSER_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
_FOREVER = 365 * 24 * 3600
_SIDE = 1_200


@blueprint.get("/pictures/<string(length=32):digest>")
def picture(digest: str) -> Response:
    """The picture as the catalogue has it, or as WebP where browsers cannot show that."""
    data = current_service().picture(digest)
    mimetype, unchanged = _browser_type(data), content_hash(data) == digest
    if mimetype is None:
        data, mimetype = thumbnail(data, _SIDE), "image/webp"
    response = Response(data, mimetype=mimetype)
    if not unchanged:  # the shop has put another picture there, and not said so yet
        response.cache_control.no_cache = True
        return response
    response.cache_control.public = True
    response.cache_control.max_age = _FOREVER
    response.cache_control.immutable = True
    return response


def picture_url(shown: GalleryPicture) -> str:
    """The address of a catalogue picture."""
    return url_for("pictures.picture", digest=shown.content_hash)


def thumbnail(data: bytes, side: int, limits: PictureLimits | None = None) -> bytes:
    """The picture as WebP, no side longer than `side` pixels."""
    image = decode(data, limits or PictureLimits(), detail=side)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _browser_type(data: bytes) -> str | None:
    return _BROWSER_TYPES.get(picture_format(data))
