"""Headers that every answer carries: nothing is sniffed, nothing is loaded from elsewhere."""

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


def register(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_secured)


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _policy() -> str:
    """Only the pages that are made for frames may be framed, and only by the shop's origins."""
    if not request.path.startswith(_FOR_FRAMES):
        return _CSP
    return " ".join([_CSP, *current_caller().origins])
