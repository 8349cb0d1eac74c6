"""`GET /api/v1/stats`: what the stores hold, and how long searches take."""

from typing import Any

from flask import Response, jsonify

from features.similarity import calibration_of
from features.store import StoreView
from server.services.loading import current_loader
from server.telemetry.timings import current_timings


def stats() -> Response:
    """Counts, versions and sizes by extractor, which one answers by default, and timings."""
    loader = current_loader()
    default = loader.get().view
    views = {name: loader.view_of(name) for name in loader.names()} or {default.spec.name: default}
    searches, stages = current_timings().by_stage()
    return jsonify(
        index_version=default.version,
        extractor=default.spec.name,
        extractors={name: _store(view) for name, view in views.items()},
        timings={"searches": searches, "stages_ms": stages},
    )


def _store(view: StoreView) -> dict[str, Any]:
    return {
        "index_version": view.version,
        "products": len(view.products),
        "pictures": view.picture_count,
        "dim": view.spec.dim,
        "fingerprint": view.spec.fingerprint,
        "bytes": sum(file.bytes for file in view.manifest.files),
        "threshold": calibration_of(view).threshold,
    }
