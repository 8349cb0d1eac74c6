"""`POST /api/v1/search`: the products nearest to a photo."""

from flask import Response, jsonify, request

from features.types import Query
from server.api.answers import as_answer
from server.loading import current_service, current_settings
from server.uploads import limit_from, photo_from


def search() -> Response:
    """Multipart fields: `image` (a file) and `limit` (1 to 100)."""
    settings = current_settings()
    query = Query(photo_from(request, settings.limits), limit_from(request, settings.results))
    return jsonify(as_answer(current_service().search(query)))
