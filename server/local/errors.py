"""The error family as this interface tells it: a status, and JSON with code and message."""

from flask import Flask, Response, current_app, jsonify
from werkzeug.exceptions import HTTPException

from features.errors import JobCancelledError, PathNotAllowedError, VisualSearchError
from server.errors import status_of
from server.local.guard import ForeignRequestError

_STATUS: dict[type[VisualSearchError], int] = {
    ForeignRequestError: 403,
    PathNotAllowedError: 403,
    JobCancelledError: 503,
}


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(VisualSearchError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: VisualSearchError) -> tuple[Response, int]:
    return _answer(_STATUS.get(type(error)) or status_of(error), error.code, str(error))


def _http(error: HTTPException) -> tuple[Response, int]:
    name = error.name.lower().replace(" ", "_")
    return _answer(error.code or 500, name, error.description or "")


def _unexpected(error: Exception) -> tuple[Response, int]:
    current_app.logger.error("unexpected error", exc_info=error)
    return _answer(500, "internal_error", "something went wrong here; see the program's output")


def _answer(status: int, code: str, message: str) -> tuple[Response, int]:
    return jsonify(error={"code": code, "message": message}), status
