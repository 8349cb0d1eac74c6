"""Headers that every answer carries: nothing is sniffed, nothing is loaded from elsewhere."""

from flask import Flask, Response

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
    response.headers.setdefault("Content-Security-Policy", _CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
