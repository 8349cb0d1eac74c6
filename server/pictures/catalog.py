"""Catalogue pictures by content hash: an address always means the same bytes, so it caches.

`/pictures/HASH` is the picture as the catalogue has it, `/pictures/HASH/WIDTH` a small copy.
"""

import io

from flask import Blueprint, Response, abort, g, request, url_for

from features.images import PictureLimits, content_hash, decode, picture_format
from features.types import GalleryPicture
from server.pictures.thumbnails import FORM, KINDS, WIDTHS, current_thumbnails, make_thumbnail
from server.services.loading import current_loader, current_settings

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
_A_MINUTE = 60
_SIDE = 1_200
_USUAL_WIDTH = 320
_ANY = "0" * 32


@blueprint.get("/pictures/<string(length=32):digest>")
def picture(digest: str) -> Response:
    """The picture as the catalogue has it, or as WebP where browsers cannot show that."""
    _check_known(digest)
    if request.if_none_match.contains(digest):
        return _cached(Response(status=304), digest)
    data = current_loader().picture(digest)
    tag = digest if content_hash(data) == digest else ""  # the file may have changed since
    mimetype = _browser_type(data)
    if mimetype is None:
        data, mimetype = _shown(data, tag), "image/webp"
    return _cached(Response(data, mimetype=mimetype), tag)


@blueprint.get("/pictures/<string(length=32):digest>/<int:width>")
def small_picture(digest: str, width: int) -> Response:
    """The picture in one of `WIDTHS`: as WebP for who accepts that, else as JPEG."""
    if width not in WIDTHS:
        abort(404, f"Pictures are {', '.join(map(str, WIDTHS))} pixels wide.")
    _check_known(digest)
    mimetype = _accepted_kind()
    name = f"{digest}-{width}-{FORM}.{KINDS[mimetype].lower()}"
    if request.if_none_match.contains(name):
        response = _cached(Response(status=304), name)
    else:
        data, tag = _small(digest, width, mimetype, name)
        response = _cached(Response(data, mimetype=mimetype), tag)
    response.vary.add("Accept")
    return response


def picture_url(shown: GalleryPicture) -> str:
    """The address of a catalogue picture."""
    return _pattern("pictures.picture").replace(_ANY, shown.content_hash)


def thumbnail_url(shown: GalleryPicture, width: int = _USUAL_WIDTH) -> str:
    """The address of a catalogue picture in one of `WIDTHS`."""
    return _pattern("pictures.small_picture", width).replace(_ANY, shown.content_hash)


def _pattern(endpoint: str, width: int | None = None) -> str:
    """An address with a stand-in for the hash: an answer has dozens that differ in it alone."""
    known: dict[tuple[str, int | None], str] = g.setdefault("picture_patterns", {})
    key = (endpoint, width)
    if key not in known:
        known[key] = url_for(endpoint, digest=_ANY, width=width)
    return known[key]


def picture_set(shown: GalleryPicture) -> str:
    """The addresses of all widths, as the attribute `srcset` has them."""
    return ", ".join(f"{thumbnail_url(shown, width)} {width}w" for width in WIDTHS)


def thumbnail(data: bytes, side: int, limits: PictureLimits) -> bytes:
    """The picture as WebP, no side longer than `side` pixels."""
    image = decode(data, limits, detail=side)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _check_known(digest: str) -> None:
    """A picture that left the catalogue is not served, whatever is still kept of it."""
    current_loader().view_with(digest)


def _small(digest: str, width: int, mimetype: str, name: str) -> tuple[bytes, str]:
    """The thumbnail, and its tag."""

    def make() -> tuple[bytes, bool]:
        data = current_loader().picture(digest)
        small = make_thumbnail(data, width, mimetype, current_settings().limits)
        return small, content_hash(data) == digest

    small, is_true = current_thumbnails().made_once(name, make)
    return small, name if is_true else ""


def _shown(data: bytes, tag: str) -> bytes:
    """What a browser shows of a picture whose format it does not know; made once."""

    def make() -> tuple[bytes, bool]:
        return thumbnail(data, _SIDE, current_settings().limits), bool(tag)

    return current_thumbnails().made_once(f"{tag}-{_SIDE}-{FORM}.webp", make)[0]


def _cached(response: Response, tag: str) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = _FOREVER if tag else _A_MINUTE
    if tag:
        response.cache_control.immutable = True
        response.set_etag(tag)
    return response


def _accepted_kind() -> str:
    """WebP only for who names it: some that accept anything cannot show it."""
    named = any(kind == "image/webp" and quality > 0 for kind, quality in request.accept_mimetypes)
    return "image/webp" if named else "image/jpeg"


def _browser_type(data: bytes) -> str | None:
    return _BROWSER_TYPES.get(picture_format(data))
