"""The overview, for whoever is signed in; the form that asks for the key for others."""

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from features.errors import VisualSearchError
from server.access.callers import admin_digests
from server.access.sessions import is_signed_in, sign_in, sign_out
from server.admin.overview import overview
from server.admin.telling import Page, told
from server.errors import status_of


def home() -> Page:
    """How all goes, and what can be done."""
    return overview() if is_signed_in() else _ask_for_key()


def begin() -> Page:
    """Begin a session."""
    response = redirect(url_for("admin.home"), code=303, Response=Response)
    try:
        sign_in(request.form.get("key", ""), response)
    except VisualSearchError as error:
        return _ask_for_key(told(error)), status_of(error)
    return response


def end() -> AnyResponse:
    """End the session."""
    response = redirect(url_for("admin.home"), code=303, Response=Response)
    sign_out(response)
    return response


def _ask_for_key(problem: str = "") -> str:
    return render_template("admin/sign_in.html", problem=problem, possible=bool(admin_digests()))
