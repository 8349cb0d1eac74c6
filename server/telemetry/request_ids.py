"""A name for each request: in its log lines, in the answer's header, and in JSON answers."""

import re
import uuid

import structlog
from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.sansio.response import Response as AnyResponse

HEADER = "X-Request-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_.-]{8,128}")


def register(app: Flask) -> None:
    """Name every request, as the proxy before this server does if it does."""
    app.json = _NamedAnswers(app)
    app.before_request(_name)
    app.after_request(_named)
    app.teardown_request(_forget)


def request_id() -> str:
    """The current request's name."""
    name: str = g.request_id
    return name


class _NamedAnswers(DefaultJSONProvider):
    """Members stay in their order, and the API's answers end with `request_id`."""

    sort_keys = False

    def response(self, *args: object, **kwargs: object) -> AnyResponse:
        """See `DefaultJSONProvider.response`."""
        members = self._prepare_response_obj(args, kwargs)
        if isinstance(members, dict) and request.path.startswith("/api/"):
            members = {**members, "request_id": request_id()}
        return super().response(members)


def name_for(sent: str) -> str:
    """The name that a request was sent with, if it is one; else a new one."""
    return sent if _WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex


def _name() -> None:
    g.request_id = name_for(request.headers.get(HEADER, ""))
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _named(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response


def _forget(_: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request_id")
