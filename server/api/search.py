"""`POST /api/v1/search` and `POST /api/v1/detect`: the products, or the items, of a photo."""

from dataclasses import asdict

from flask import Response, jsonify, request

from features.errors import InvalidQueryError
from features.types import Query
from server.api.answers import as_answer, as_items, as_results
from server.api.fields import fields_from
from server.query.asked import answer, current_finder, keeping, kept_or_sent_photo, sent_photos
from server.query.said import text_from
from server.query.uploads import choice_from
from server.query.wanted import listed, wanted_from
from server.services.collections import refuse_in_form
from server.services.loading import current_loader, current_settings, index_version
from server.telemetry.exchange import record_stages
from server.traffic.admission import take_turn


def search() -> Response:
    """Search with a photo (`image`, `image_url` or `image_token`), or with several and products.

    `box` or `item` choose a part of a single photo; `text` is searched with beside it all, or
    alone; the rest: `wanted_from` and `fields_from`.
    """
    wanted, fields = wanted_from(request, current_settings().results), fields_from(request)
    choice = choice_from(request)
    extractor = request.values.get("extractor") or None
    products = listed(request, "product_id", lambda text: _is_product(text, extractor))
    photos, text = sent_photos(request), text_from(request)
    if not products and (len(photos) == 1 or not (photos or text)):
        photo, token = photos[0] if photos else kept_or_sent_photo(request)
        take_turn()
        with keeping(photo, token) as kept:
            found = answer(photo, choice, wanted, extractor=extractor, text=text)
            return jsonify(as_answer(found, kept(), fields))
    if choice is not None:
        raise InvalidQueryError(
            "box and item choose a part of one photo; here is none, or several seeds."
        )
    take_turn()
    queries = [Query(photo) for photo, _ in photos]
    service = current_loader().get_for(wanted.emphasis, extractor, words=text is not None)
    result = service.blend(queries, products, wanted, text)
    record_stages(**asdict(result.took_ms))
    return jsonify(as_results(result, fields))


def _is_product(product_id: str, extractor: str | None) -> bool:
    return product_id in current_loader().get(extractor).view.products


def detect() -> Response:
    """The items of a photo: `image`, `image_url` or `image_token`."""
    refuse_in_form()
    photo, token = kept_or_sent_photo(request)
    take_turn()
    finder = current_finder()
    with keeping(photo, token) as kept:
        found, took_ms = finder.find(photo)
        record_stages(detect=took_ms)
        items = as_items(found, finder, kept(), took_ms)
    return jsonify(index_version=index_version(), **items)
