"""The description itself: APIFlask writes it from the routes and what is said of each.

APIFlask is loaded here alone, and only when somebody asks: its packages would make every start of
the server slower. The views stay Flask's and are never called by it.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Flask

from features.errors import InvalidQueryError
from server.openapi.operation import JSON, Operation
from server.openapi.operations import OPERATIONS
from server.openapi.problems import problem_answers
from server.openapi.schemas.base import Described
from server.services.collections import SEARCHES

_BLUEPRINT = "api"
_TAGS = {
    "Search": "Products by photo, by part of a photo, by product.",
    "Products": "One product of the catalogue.",
    "Imports": "Whole catalogues, in the background.",
    "Collections": "Pictures that are searched on their own, beside the catalogue.",
    "Events": "What shoppers do with the widgets.",
    "People": "Pictures of the same person, where the shop switched that on.",
    "Operations": "What the server holds.",
}
_SECURITY = {
    "publicKey": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "A public key, where the shop asks for one.",
    },
    "publicBearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same as a header.",
    },
    "adminKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An admin key: who knows it may change the catalogue.",
    },
}
_TITLE = "Visual Search"
_VERSION = "1.0"
_INFO = {
    "description": "Find the products that look most like a photo. Every answer that is an object "
    "carries `request_id`; errors are `application/problem+json` (RFC 9457) with a stable `code`. "
    "Query parameters and form fields that are not named here are ignored, but for `collection`; "
    "unknown members of JSON are refused.",
    "license": {"name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only"},
}
_CONFIG = {
    "OPENAPI_VERSION": "3.1.0",
    "INFO": _INFO,
    "TAGS": [{"name": name, "description": said} for name, said in _TAGS.items()],
    "SERVERS": [{"url": "/"}],
    "SECURITY_SCHEMES": _SECURITY,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_404_RESPONSE": False,
    "AUTO_200_RESPONSE": False,
}
View = Callable[..., Any]


def describe(app: Flask, *, key_needed: bool) -> dict[str, Any]:
    """The OpenAPI document of an application's API; `key_needed` where nobody is answered without.

    Raises:
        KeyError: a route of the API that nothing is said of.
    """
    writer = APIFlask(__name__, title=_TITLE, version=_VERSION, docs_path=None, spec_path=None)
    writer.config.update(_CONFIG)
    writer.url_map.converters.update(app.url_map.converters)
    part = APIBlueprint(_BLUEPRINT, __name__)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{_BLUEPRINT}."):
            operation = _with_refusals(rule.endpoint)
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            view = _described(part, operation, key_needed=key_needed)
            part.add_url_rule(rule.rule, operation.id, view, methods=methods)
    writer.register_blueprint(part)
    writer.spec_processor(_constrained)
    document: dict[str, Any] = writer.spec  # type: ignore[assignment]
    return document


def _with_refusals(endpoint: str) -> Operation:
    """What is said of a route; where it knows the catalogue alone, that it refuses collections."""
    operation = OPERATIONS[endpoint]
    if endpoint in SEARCHES or InvalidQueryError in operation.problems:
        return operation
    return replace(operation, problems=(*operation.problems, InvalidQueryError))


def _described(part: APIBlueprint, operation: Operation, *, key_needed: bool) -> View:
    """A view that stands for one of the API's, with all that is said of it."""

    def view() -> None:
        """Never called."""

    for place, schema in operation.parameters:
        view = part.input(schema, location=place, validation=False)(view)  # type: ignore[arg-type]
    described: View = part.doc(
        summary=operation.summary,
        description=operation.description,
        tags=[operation.tag],
        operation_id=operation.id,
        security=_security(operation, key_needed=key_needed),
        responses=_answers(operation),
        extensions=_body(operation),
    )(view)
    return described


def _security(operation: Operation, *, key_needed: bool) -> list[str | dict[str, list[Any]]]:
    if operation.admin:
        return [{"adminKey": []}]
    keys: list[str | dict[str, list[Any]]] = [{"publicKey": []}, {"publicBearer": []}]
    return keys if key_needed else [{}, *keys]


def _answers(operation: Operation) -> dict[int | str, dict[str, Any]]:
    said: dict[int | str, dict[str, Any]] = {
        status: {
            "description": meaning,
            "content": {JSON: {"schema": schema}} if schema else {},
            "headers": dict(operation.headers.get(status, {})),
        }
        for status, (meaning, schema) in operation.answers.items()
    }
    return {**said, **problem_answers(operation.problems, has_body=bool(operation.bodies))}


def _body(operation: Operation) -> dict[str, Any]:
    if not operation.bodies:
        return {}
    content = {kind: body.described() for kind, body in operation.bodies.items()}
    return {"requestBody": {"required": True, "content": content}}


def _constrained(document: Any) -> Any:  # noqa: ANN401 - APIFlask may pass text
    """Add what schemas say of their members together."""
    classes = {schema.__name__: schema for schema in _below(Described)}
    for name, described in document["components"]["schemas"].items():
        described.update(classes[name].constraints)
        described["description"] = inspect.cleandoc(classes[name].__doc__ or "")
    return document


def _below(schema: type[Described]) -> Iterator[type[Described]]:
    for child in schema.__subclasses__():
        yield child
        yield from _below(child)
