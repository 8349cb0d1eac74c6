"""`POST /api/v1/search` and `POST /api/v1/detect`: the products, or the items, of a photo."""

from flask import Response, jsonify, request

from server.api.answers import as_answer, as_items
from server.asked import answer, current_finder, keep, kept_or_sent_photo
from server.exchange import record_stages
from server.loading import current_settings
from server.uploads import choice_from
from server.wanted import wanted_from


def search() -> Response:
    """Multipart fields: `image` or `image_token`, `box` or `item`, `limit`, `extractor`."""
    wanted = wanted_from(request, current_settings().results)
    choice = choice_from(request)
    photo, token = kept_or_sent_photo(request)
    found = answer(photo, choice, wanted, extractor=request.values.get("extractor") or None)
    return jsonify(as_answer(found, keep(photo, token)))


def detect() -> Response:
    """Multipart field: `image` or `image_token`."""
    photo, token = kept_or_sent_photo(request)
    finder = current_finder()
    found, took_ms = finder.find(photo)
    record_stages(detect=took_ms)
    return jsonify(as_items(found, finder, keep(photo, token), took_ms))
