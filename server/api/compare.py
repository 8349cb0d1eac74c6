"""`POST /api/v1/compare`: how alike two photos are."""

from flask import Response, jsonify, request

from features.errors import InvalidQueryError
from features.types import Query
from server.query.asked import sent_photos
from server.services.collections import refuse_in_form
from server.services.loading import current_service
from server.traffic.admission import take_turn


def compare() -> Response:
    """Two photos, as `image`, `image_url` or `image_token` in any mixture; and `extractor`."""
    refuse_in_form()
    photos = [Query(photo) for photo, _ in sent_photos(request)]
    if len(photos) != 2:
        raise InvalidQueryError(f"Send two photos to compare, not {len(photos)}.")
    take_turn()
    service = current_service(request.values.get("extractor") or None)
    found = service.compare(*photos)
    return jsonify(
        extractor=service.extractor.spec.name,
        index_version=service.view.version,
        metric=service.view.metric,
        distance=service.view.metric.of(found.distance),
        similarity=round(found.similarity, 1),
        same_thing=found.same_thing,
    )
