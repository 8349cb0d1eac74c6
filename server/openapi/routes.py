"""`/api/openapi.json` and `/api/docs`: the API's description, for programs and for people."""

import hashlib
import threading
from typing import cast

from flask import Blueprint, Flask, Response, current_app, json, render_template, request

from server.services.loading import current_settings

blueprint = Blueprint("openapi", __name__)

_FRESH_SECONDS = 300
# RapiDoc writes style attributes; its scripts, and all it loads, are this server's own.
_CSP = "; ".join(
    [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)


class Description:
    """The document of one application, written when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text: bytes | None = None

    def text(self, app: Flask) -> bytes:
        """The document as JSON."""
        with self._lock:
            if self._text is None:
                # Not with the file: see there what it would cost every start.
                from server.openapi.document import describe

                document = describe(app, key_needed=current_settings().require_key)
                self._text = json.dumps(document, separators=(",", ":")).encode()
            return self._text


def register(app: Flask) -> None:
    """Serve the description of an application's API."""
    app.extensions["description"] = Description()
    app.register_blueprint(blueprint)


@blueprint.get("/api/openapi.json")
def document() -> Response:
    """The OpenAPI document; caches may keep and confirm it."""
    description: Description = current_app.extensions["description"]
    text = description.text(current_app)
    response = Response(text, mimetype="application/json")
    response.set_etag(hashlib.blake2b(text, digest_size=16).hexdigest())
    response.cache_control.public = True
    response.cache_control.max_age = _FRESH_SECONDS
    return cast(Response, response.make_conditional(request))


@blueprint.get("/api/docs")
def docs() -> Response:
    """A page to read the description and to try requests out."""
    response = Response(render_template("api_docs.html"))
    response.headers["Content-Security-Policy"] = _CSP
    return response
