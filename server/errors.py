"""The error family as HTTP: the only place that knows both. JSON below /api, pages elsewhere."""

import http
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from features import errors as family
from features.errors import VisualSearchError
from server.access.admin import AdminKeyError, WritesDisabledError, is_admin
from server.access.callers import KeyNeededError, OriginNotAllowedError, UnknownKeyError
from server.access.forms import ForeignFormError
from server.access.guesses import SECONDS, TooManyGuessesError
from server.pictures.photos import PhotoGoneError
from server.query.uploads import MissingPhotoError
from server.services.collections import deleted_meanwhile
from server.services.loading import current_settings
from server.services.people import PeopleOffError
from server.telemetry.events import EventsNotKeptError, InvalidEventError
from server.telemetry.exchange import record_problem
from server.texts.problems import told
from server.traffic.busy import BusyError

# The nearest class of an error's ancestry decides.
_STATUS: dict[type[VisualSearchError], int] = {
    MissingPhotoError: 400,
    family.CatalogError: 400,
    family.InvalidProductError: 422,
    family.InvalidChangeError: 409,
    family.StoreLockedError: 409,
    family.UnknownJobError: 404,
    family.UnknownCollectionError: 404,
    family.CollectionEmptyError: 409,
    family.InvalidNameError: 422,
    family.NameTakenError: 409,
    AdminKeyError: 401,
    UnknownKeyError: 401,
    TooManyGuessesError: 429,
    KeyNeededError: 401,
    OriginNotAllowedError: 403,
    ForeignFormError: 403,
    WritesDisabledError: 403,
    PeopleOffError: 403,
    BusyError: 503,
    family.EmptyPictureError: 400,
    family.InvalidQueryError: 400,
    family.PictureNotFoundError: 404,
    PhotoGoneError: 410,
    InvalidEventError: 422,
    EventsNotKeptError: 503,
    family.UnknownProductError: 404,
    family.UnknownSubjectError: 404,
    family.PictureTooLargeError: 413,
    family.VideoTooLargeError: 413,
    family.VideoTooLongError: 413,
    family.NotAVideoError: 415,
    family.VideosUnavailableError: 415,
    family.TooManyPixelsError: 413,
    family.PictureFetchError: 422,
    family.PictureWriteError: 503,
    family.NotAPictureError: 415,
    family.InvalidPictureError: 422,
    family.StoreError: 503,
    family.ExtractorError: 503,
    family.DetectorError: 503,
    family.PeopleUnavailableError: 503,
    family.IndexEngineError: 503,
    family.HelperError: 503,
    family.AdaptationError: 503,
    family.TextSearchError: 503,
}

# What a shopper may know of a fault that only the shop can mend; the log has the rest.
_PUBLIC = {
    "store_empty": "The shop has no searchable pictures yet.",
    "store_not_found": "The shop's catalogue is not set up for search yet.",
    "picture_not_found": "There is no such picture.",
    "text_index_building": "The words of the catalogue are being indexed; try again in a moment.",
    "text_search_unavailable": "Searching by words is not available here.",
    "people_unavailable": "Finding people is not installed here.",
    "picture_outside_catalog": "There is no such picture.",
}
_HEADERS: dict[type[VisualSearchError], dict[str, str]] = {
    AdminKeyError: {"WWW-Authenticate": "Bearer"},
    UnknownKeyError: {"WWW-Authenticate": "Bearer"},
    KeyNeededError: {"WWW-Authenticate": "Bearer"},
    TooManyGuessesError: {"Retry-After": str(SECONDS)},
    family.StoreLockedError: {"Retry-After": "5"},
    family.TextIndexBuildingError: {"Retry-After": "5"},
    BusyError: {"Retry-After": "1"},
}
# Of what Flask refuses: the methods that an address has, when to come again.
_KEPT = frozenset(("Allow", "Retry-After"))
_UNAVAILABLE = "unavailable"
_PUBLIC_FAULT = "Visual search is not available at the moment."


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(VisualSearchError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_again_in)


def status_of(error: VisualSearchError) -> int:
    """The HTTP status of an expected error."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[VisualSearchError]) -> int:
    """The HTTP status of all errors of a class."""
    return next((_STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in _STATUS), 500)


def headers_of(error: VisualSearchError) -> dict[str, str]:
    """The headers that belong to an expected error."""
    return next((_HEADERS[kind] for kind in type(error).__mro__ if kind in _HEADERS), {})


def problem(status: int, code: str, detail: str) -> dict[str, Any]:
    """RFC 9457; `type` is about:blank, the default, and `code` tells our errors apart."""
    title = http.HTTPStatus(status).phrase
    return {"title": title, "status": int(status), "code": code, "detail": detail}


def public_message(error: VisualSearchError) -> str:
    """The message without folders and commands of the machine it happened on."""
    if isinstance(error, BusyError):
        return str(error)
    if status_of(error) < 500 and (error.code not in _PUBLIC or is_admin()):
        return str(error)
    return _PUBLIC.get(error.code, _PUBLIC_FAULT)


def _expected(error: VisualSearchError) -> tuple[Response | str, int, dict[str, str]]:
    if _may_be_of_deletion(error):
        error = deleted_meanwhile() or error
    status = status_of(error)
    if status >= 500 and not isinstance(error, BusyError):
        current_app.logger.error("%s: %s", error.code, error)
    headers = headers_of(error)
    g.retry_after = headers.get("Retry-After")
    return *_answer(status, error.code, public_message(error), headers), headers


def _may_be_of_deletion(error: VisualSearchError) -> bool:
    """Whether a collection that is just being deleted may look so."""
    if isinstance(error, BusyError):
        return False
    return status_of(error) >= 500 or isinstance(error, family.CollectionEmptyError)


def _again_in(response: Response) -> Response:
    """What the error says: the limiter, which speaks before, tells when it has forgotten all."""
    if g.get("retry_after"):
        response.headers["Retry-After"] = g.retry_after
    return response


def _http(
    error: HTTPException,
) -> tuple[Response | str, int] | tuple[Response | str, int, dict[str, str]] | HTTPException:
    if error.code is None or error.code < 400:
        return error  # redirects are answers, not errors
    if isinstance(error, RequestEntityTooLarge):
        return _too_large(request.max_content_length or current_settings().max_request_bytes)
    name = (error.name or "error").lower().replace(" ", "_")
    headers = {name: value for name, value in error.get_headers() if name in _KEPT}
    return *_answer(error.code, name, error.description or "", headers), headers


def _too_large(limit: int) -> tuple[Response | str, int]:
    """A request that is not read to its end; the photo of a search is all that is large in it."""
    photo = limit == current_settings().max_request_bytes
    code = family.PictureTooLargeError.code if photo else "upload_too_large"
    detail = f"The upload is larger than the {limit / 1e6:.1f} MB allowed, or has too many parts."
    return _answer(413, code, f"{detail} Send a smaller one.")


def _unexpected(
    error: Exception,
) -> tuple[Response | str, int] | tuple[Response | str, int, dict[str, str]]:
    gone = deleted_meanwhile()
    if gone is not None:
        return _expected(gone)
    current_app.logger.error("unexpected error", exc_info=error)
    return _answer(500, "internal_error", "Something went wrong here; please try again.")


def _answer(
    status: int, code: str, detail: str, headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[Response | str, int]:
    record_problem(code)
    if request.path.startswith("/api/"):
        return _problem(problem(status, code, detail)), status
    wait = headers.get("Retry-After", "") if request.method == "GET" else ""
    said = told(_UNAVAILABLE if detail == _PUBLIC_FAULT else code)
    page = render_template(
        "error.html", status=status, code=code, said=said, detail=detail, wait=wait
    )
    return page, status


def _problem(members: dict[str, Any]) -> Response:
    response = jsonify(members)
    response.content_type = "application/problem+json"
    return response
