"""`GET /api/v1/search` and `GET /api/v1/suggest`: products by words, and what these may become."""

from dataclasses import asdict

from flask import Response, jsonify, request

from server.api.answers import as_words
from server.api.fields import fields_from
from server.query.wanted import wanted_from, whole_from
from server.query.words import find_by_words, suggestions
from server.services.loading import current_settings

_SUGGESTIONS = 8
_MOST_SUGGESTIONS = 20


def search() -> Response:
    """The products that `q` describes; the rest: `wanted_from` and `fields_from`."""
    wanted, fields = wanted_from(request, current_settings().results), fields_from(request)
    result = find_by_words(request.args.get("q", ""), wanted, request.args.get("extractor") or None)
    return jsonify(as_words(result, fields))


def suggest() -> Response:
    """What `q`, while it is typed, may become; at most `limit`."""
    limit = whole_from(request, "limit", _SUGGESTIONS, low=1, high=_MOST_SUGGESTIONS)
    found = suggestions(request.args.get("q", ""), limit, request.args.get("extractor") or None)
    return jsonify(
        index_version=found.index_version,
        suggestions=[asdict(suggestion) for suggestion in found.texts],
    )
