"""Forms are answered only when they come from the shop's own pages (CSRF protection).

Browsers say where a request comes from, in `Sec-Fetch-Site`, or at least in `Origin`; a page
elsewhere can forge neither. See OWASP's CSRF Prevention Cheat Sheet, "Fetch Metadata".
"""

from flask import Flask, request

from features.errors import VisualSearchError

_OWN = {"same-origin", "none"}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class ForeignFormError(VisualSearchError):
    """A form that another site sent here."""

    code = "foreign_form"


def register(app: Flask) -> None:
    """Refuse forms of other sites; the API has keys and origins of its own."""
    app.before_request(_refuse_foreign)


def _refuse_foreign() -> None:
    if request.method in _SAFE or request.path.startswith("/api/"):
        return
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "").lower()
    foreign = site not in _OWN if site else origin not in {"", request.host_url.rstrip("/").lower()}
    if foreign:
        raise ForeignFormError("This form was sent by another site; open the page and try again.")
