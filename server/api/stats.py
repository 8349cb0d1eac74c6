"""`GET /api/v1/stats`: what the stores hold, and how long searches take."""

from typing import Any

from flask import Response, jsonify

from features.search import SearchService
from server.services.loading import current_loader
from server.telemetry.timings import current_timings


def stats() -> Response:
    """Counts, versions and sizes by extractor, which one answers by default, and timings."""
    loader = current_loader()
    default = loader.get()
    names = loader.names() or [default.extractor.spec.name]
    searches, stages = current_timings().by_stage()
    return jsonify(
        index_version=default.view.version,
        extractor=default.extractor.spec.name,
        extractors={name: _store(loader.get(name)) for name in names},
        timings={"searches": searches, "stages_ms": stages},
    )


def _store(service: SearchService) -> dict[str, Any]:
    view = service.view
    return {
        "index_version": view.version,
        "products": len(view.products),
        "pictures": view.picture_count,
        "dim": view.spec.dim,
        "fingerprint": view.spec.fingerprint,
        "bytes": sum(file.bytes for file in view.manifest.files),
        "threshold": service.calibration.threshold,
    }
