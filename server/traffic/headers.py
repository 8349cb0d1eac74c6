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
SECURE = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS.format("(self)"),
}
"""Those of every answer but for frames."""


def register(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_secured)


def _secured(response: Response) -> Response:
    for name, value in _headers().items():
        response.headers.setdefault(name, value)
    return response


def _headers() -> dict[str, str]:
    """Only the pages that are made for frames may be framed, and only by the shop's origins."""
    if not request.path.startswith(_FOR_FRAMES):
        return SECURE
    return {
        **SECURE,
        "Content-Security-Policy": " ".join([_CSP, *current_caller().origins]),
        # An isolated page frames only what is isolated too; these load nothing from elsewhere.
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": _PERMISSIONS.format("()"),
    }
