"""The errors of an operation, by status: taken from the error classes themselves."""

import http
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from features import errors as family
from features.errors import VisualSearchError
from server.access.callers import KeyNeededError, OriginNotAllowedError, UnknownKeyError
from server.access.guesses import TooManyGuessesError
from server.errors import status_of_kind
from server.openapi.schemas.problems import Problem
from server.traffic import busy

PROBLEM = "application/problem+json"
Problems = tuple[type[VisualSearchError], ...]

STORE: Problems = (
    family.StoreNotFoundError,
    family.StoreEmptyError,
    family.StoreCorruptError,
    family.FingerprintMismatchError,
    family.StoreError,
    family.ExtractorError,
    family.DependencyMissingError,
    family.WeightsUnavailableError,
    family.InvalidWeightsError,
    family.UnknownExtractorError,
    family.AdaptationError,
    family.IndexEngineError,
    family.IndexUnreachableError,
    family.IndexTimeoutError,
    family.IndexMismatchError,
)
WORDS: Problems = (family.TextSearchError, family.TextIndexBuildingError)
PHOTO: Problems = (
    family.EmptyPictureError,
    family.NotAPictureError,
    family.BrokenPictureError,
    family.PictureTooLargeError,
    family.TooManyPixelsError,
    family.PictureTooSmallError,
    family.InvalidPictureError,
    family.HelperUnavailableError,
)
VIDEO: Problems = (
    family.NotAVideoError,
    family.BrokenVideoError,
    family.VideoTooLargeError,
    family.VideoTooLongError,
    family.VideoTooSlowError,
    family.InvalidVideoError,
    family.VideosUnavailableError,
)
FETCH: Problems = (
    family.PictureFetchError,
    family.FetchRefusedError,
    family.FetchTimeoutError,
    family.FetchNotFoundError,
    family.FetchNotAPictureError,
    family.FetchHostDownError,
)
COMPUTING: Problems = (busy.ServerBusyError, busy.DeadlinePassedError, busy.ClientGoneError)
# What any request with a body may have.
_RECEIVING: Problems = (busy.UploadsBusyError,)
DETECTOR: Problems = (family.DetectorUnavailableError, family.UnknownDetectorError)
_EVERYWHERE: Problems = (
    UnknownKeyError,
    TooManyGuessesError,
    KeyNeededError,
    OriginNotAllowedError,
)
# What Flask itself and the limiter refuse, by the code that server/errors.py makes of it.
_OF_HTTP = {
    "bad_request": (400, "The request itself cannot be read."),
    "not_found": (404, "No such address."),
    "method_not_allowed": (405, "The address has other methods, see the header Allow."),
    "upload_too_large": (413, "The request is larger than allowed, or has too many parts."),
    "too_many_requests": (429, "More requests than allowed; the header Retry-After says when."),
    "internal_error": (500, "A fault of the server; its log has the request_id."),
}
_RETRY = {"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "The methods it has.", "schema": {"type": "string"}}},
    429: {"Retry-After": _RETRY},
    503: {"Retry-After": _RETRY},
}


def problem_answers(problems: Problems, *, has_body: bool) -> dict[int | str, dict[str, Any]]:
    """The responses of OpenAPI for an operation's errors and those that any may have."""
    causes: dict[int, dict[str, str]] = defaultdict(dict)
    for problem in (*problems, *(_RECEIVING if has_body else ()), *_EVERYWHERE):
        causes[status_of_kind(problem)][problem.code] = _cause(problem)
    for code, (status, cause) in _OF_HTTP.items():
        if has_body or code not in ("bad_request", "upload_too_large"):
            causes[status][code] = cause
    return {status: _answer(status, causes[status]) for status in sorted(causes)}


def _cause(problem: type[VisualSearchError]) -> str:
    return (problem.__doc__ or "").partition("\n")[0]


def _answer(status: int, causes: dict[str, str]) -> dict[str, Any]:
    schema = {
        "allOf": [
            Problem,
            {"properties": {"code": {"enum": list(causes)}, "status": {"const": status}}},
        ]
    }
    return {
        "description": "\n".join(f"* `{code}`: {cause}" for code, cause in causes.items()),
        "content": {PROBLEM: {"schema": schema, "examples": _examples(status, causes)}},
        **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
    }


def _examples(status: int, causes: Iterable[str]) -> dict[str, Any]:
    code = next(iter(causes))
    return {
        code: {
            "value": {
                "title": http.HTTPStatus(status).phrase,
                "status": status,
                "code": code,
                "detail": "What happened, and what to do about it.",
                "request_id": "2480d87b9d754f838b78cdc2204d80f6",
            }
        }
    }
