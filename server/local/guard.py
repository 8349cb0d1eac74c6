"""Only programs of this machine are answered: no web page may make a browser ask."""

import re

from flask import Flask, request

from features.errors import VisualSearchError

# A page's own host name may lead here (DNS rebinding); the header then names that.
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_OWN_SITES = (None, "none", "same-origin")


class ForeignRequestError(VisualSearchError):
    """A request that no program of this machine sent."""

    code = "foreign_request"


def register(app: Flask) -> None:
    """Look at every request before anything else does."""
    app.before_request(_check)


def _check() -> None:
    if not _LOOPBACK.fullmatch(request.headers.get("Host", "")):
        raise ForeignRequestError("ask for localhost or 127.0.0.1; other names are not answered")
    from_page = "Origin" in request.headers
    if from_page or request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
        raise ForeignRequestError("web pages are not answered; ask with a program, such as curl")
