"""Headers that every answer carries: nothing is sniffed, nothing is loaded from elsewhere.

The shopper's own pages may ask for the camera; no frame in them and no frame of them may.
"""

from flask import Flask, Response, request

from server.access.callers import current_caller

_FOR_FRAMES = "/embed/"
_CSP = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
_PERMISSIONS = "camera={}, microphone=(), geolocation=()"


def register(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_secured)


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", _PERMISSIONS.format(_camera()))
    return response


def _camera() -> str:
    return "()" if _is_for_frames() else "(self)"


def _policy() -> str:
    """Only the pages that are made for frames may be framed, and only by the shop's origins."""
    if not _is_for_frames():
        return _CSP
    return " ".join([_CSP, *current_caller().origins])


def _is_for_frames() -> bool:
    return request.path.startswith(_FOR_FRAMES)
