"""The description of the API: complete, valid, and true."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from schemathesis import openapi as schemathesis

from features.errors import VisualSearchError
from features.search import SearchService
from server import create_app
from server.config import Settings
from server.openapi.document import describe
from server.openapi.operations import OPERATIONS
from tests.helpers import ROOT, run_python

BODIES = {
    "search",
    "detect",
    "compare",
    "record_event",
    "import_catalog",
    "search_people",
    "create_collection",
    "rename_collection",
}
METHODS = ("get", "post", "put", "patch", "delete")
# Codes of single rows in a job's report, of commands, of the local daemon, and of the pages.
ELSEWHERE = {
    "cancelled",
    "error",
    "fetch_cancelled",
    "foreign_form",
    "foreign_request",
    "helper_ended",
    "helper_error",
    "helper_too_slow",
    "invalid_config",
    "invalid_queries",
    "metric_mismatch",
    "not_enrolled",
    "path_not_allowed",
    "people_error",
    "too_few_pictures",
}
# Words of the table that are no codes.
WORDS = {"request_id"}
OF_HTTP = {
    "bad_request",
    "not_found",
    "method_not_allowed",
    "upload_too_large",
    "too_many_requests",
    "internal_error",
}


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return describe(app, key_needed=False)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, methods in document["paths"].items():
        yield from ((path, method, methods[method]) for method in METHODS if method in methods)


def codes(document: dict[str, Any]) -> set[str]:
    """All codes of errors that the document names."""
    said = set()
    for _, _, operation in operations(document):
        for answer in operation["responses"].values():
            for kind in answer.get("content", {}).values():
                for part in kind["schema"].get("allOf", ()):
                    said |= set(part.get("properties", {}).get("code", {}).get("enum", ()))
    return said


def family(kind: type[VisualSearchError] = VisualSearchError) -> set[str]:
    """The codes of the error family, but for those of scripts and tests."""
    below = (family(child) for child in kind.__subclasses__())
    own = {kind.code} if kind.__module__.startswith(("features.", "server.")) else set()
    return own.union(*below)


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_route_of_the_api_is_described_and_no_page(
    app: Flask, document: dict[str, Any]
) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(document)} == routes
    assert len(OPERATIONS) == len(routes)


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for _, method, operation in operations(document):
        assert operation["summary"]
        assert operation["description"].endswith(".")
        assert operation["tags"]
        assert operation["security"]
        assert {"401", "403", "404", "405", "429", "500"} <= set(operation["responses"])
        assert any(status.startswith("2") for status in operation["responses"])
        assert ("requestBody" in operation) == (
            method == "put" or operation["operationId"] in BODIES
        )
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_code_is_one_of_the_error_family_and_the_other_way_round(
    document: dict[str, Any],
) -> None:
    assert codes(document) == (family() - ELSEWHERE) | OF_HTTP


def test_what_every_address_says_to_a_collection_that_is_none_is_described(
    document: dict[str, Any], admin: FlaskClient
) -> None:
    for path, method, operation in operations(document):
        address = re.sub(r"{\w+}", "0", path)
        answer = admin.open(f"{address}?q=mug&collection=none", method=method.upper())
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, operation["operationId"]
        assert answer.get_json()["code"] in enumerated(described), operation["operationId"]
        assert answer.get_json()["code"] in ("invalid_query", "unknown_collection")


def enumerated(answer: dict[str, Any]) -> set[str]:
    """The codes that a described answer may have."""
    (kind,) = answer["content"].values()
    return set(kind["schema"]["allOf"][1]["properties"]["code"]["enum"])


def test_the_documents_have_every_code(document: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    table = page[page.index("| code | status | cause |") : page.index("`/livez` says")]
    named = {code for row in table.splitlines() for code in re.findall("`([a-z_]+)`", row[:200])}
    assert {code for code in named if "_" in code} <= codes(document) | WORDS
    assert codes(document) <= named


def test_where_a_key_is_needed_no_operation_goes_without(app: Flask) -> None:
    for _, _, operation in operations(describe(app, key_needed=True)):
        assert {} not in operation["security"]


@pytest.mark.parametrize("name", ["the pages", "the widgets"])
def test_pages_and_pictures_stay_out_of_it(document: dict[str, Any], name: str) -> None:
    prefix = {"the pages": "/search", "the widgets": "/widget"}[name]
    assert not any(path.startswith(prefix) for path in document["paths"])


def test_every_example_works(admin: FlaskClient, document: dict[str, Any]) -> None:
    tried = set()
    for path, method, operation in operations(document):
        for kind, body in operation.get("requestBody", {"content": {}})["content"].items():
            for name, example in body.get("examples", {}).items():
                address = path.replace("{product_id}", "mug-001") + "?product_id=mug-001"
                sent = {"json" if kind == "application/json" else "data": example["value"]}
                answer = admin.open(address, method=method.upper(), **sent)
                assert answer.status_code < 300, (path, name, answer.get_json())
                tried.add(operation["operationId"])
    assert tried == {"search", "record_event", "put_product", "put_named_product"}


@pytest.mark.parametrize("name", ["limit", "filter", "facets", "fields", "exclude", "extractor"])
def test_the_examples_of_parameters_work(
    client: FlaskClient, document: dict[str, Any], name: str
) -> None:
    path = "/api/v1/products/{product_id}/similar"
    parameters = {said["name"]: said for said in document["paths"][path]["get"]["parameters"]}
    examples = parameters[name]["schema"].get(
        "examples", [parameters[name]["schema"].get("minimum")]
    )
    example_id = parameters["product_id"]["schema"]["examples"][0]
    for example in examples:
        address = path.replace("{product_id}", example_id)
        assert client.get(address, query_string={name: example}).status_code == 200


def test_the_description_is_kept_and_confirmed_by_caches(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json()["info"]["title"] == "Visual Search"
    assert answer.cache_control.max_age == 300
    again = client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    for address in re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text):
        assert address.startswith("/")
        assert client.get(address).status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_what_the_api_is_may_be_read_without_a_key(
    settings: Settings, service: SearchService
) -> None:
    client = create_app(replace(settings, require_key=True), service=service).test_client()
    with client.get("/api/openapi.json") as answer:
        assert answer.status_code == 200
        assert [{"publicKey": []}, {"publicBearer": []}] in [
            operation["security"] for _, _, operation in operations(answer.get_json())
        ]
    with client.get("/api/docs") as answer:
        assert answer.status_code == 200
    with client.get("/api/v1/stats") as answer:
        assert answer.status_code == 401


def test_no_start_of_the_server_pays_for_the_description() -> None:
    done = run_python("-c", "import server, sys; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    assert not {"apiflask", "apispec", "marshmallow", "pydantic"} & set(done.stdout.split())
