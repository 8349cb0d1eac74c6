"""Other origins: which shop pages a browser may let talk to this server."""

from flask import Flask, Response, request
from werkzeug.datastructures import HeaderSet

from server.access.callers import current_caller

_FOR_PAGES = ("/api/", "/pictures/")
# Every page may show these, also one that isolates itself (COEP). Events are told without asking to
# see the answer, which browsers then let no isolated page have, and say so in its console.
_FOR_EVERYBODY = ("/pictures/", "/photos/", "/widget/", "/embed/", "/api/v1/events")
_MAX_AGE = 3_600


def register(app: Flask) -> None:
    """Answer what browsers ask before and after requests from other origins."""
    app.after_request(_shared)


def shared_with(origin: str) -> dict[str, str]:
    """The headers that let the pages of an origin see an answer."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "ETag, Retry-After",
    }


def _shared(response: Response) -> Response:
    if request.path.startswith(_FOR_EVERYBODY):
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not request.path.startswith(_FOR_PAGES):
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin and current_caller().shows_to(origin.lower()):
        response.headers.update(shared_with(origin))
        if request.method == "OPTIONS":
            response.access_control_allow_methods = HeaderSet(["GET", "POST"])
            response.access_control_allow_headers = HeaderSet(["Content-Type"])
            response.access_control_max_age = _MAX_AGE
    return response
