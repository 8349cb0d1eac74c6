"""`GET /api/v1/products/ID/similar`: the products most like one of the store's."""

from dataclasses import asdict

from flask import Response, jsonify, request

from server.api.answers import as_results
from server.api.fields import fields_from
from server.query.wanted import wanted_from
from server.services.loading import current_loader
from server.telemetry.exchange import record_stages
from server.traffic.admission import take_turn

_LIMIT = 12


def similar(product_id: str) -> Response:
    """Parameters as for every search, see `wanted_from`; `fields` and `extractor`."""
    wanted, fields = wanted_from(request, _LIMIT), fields_from(request)
    take_turn()
    service = current_loader().get_for(wanted.emphasis, request.args.get("extractor") or None)
    result = service.similar(product_id, wanted)
    record_stages(**asdict(result.took_ms))
    return jsonify(as_results(result, fields))
