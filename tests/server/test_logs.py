"""What the log says of requests, and what it never says."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.logs import line_formatter
from features.search import SearchService
from tests.helpers import run_python
from tests.server.test_search_api import post


class Log:
    """The lines that were written since the start of a test."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(line_formatter(form))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    yield from logged("json")


@pytest.fixture
def text_log() -> Iterator[Log]:
    yield from logged("text")


def logged(form: str) -> Iterator[Log]:
    written, logger = Log(form), logging.getLogger("server")
    before = logger.level
    logger.addHandler(written.handler)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.setLevel(before)
    logger.removeHandler(written.handler)


def test_a_search_is_one_line_with_its_stages(
    client: FlaskClient, mug_photo: bytes, log: Log
) -> None:
    answer = post(client, mug_photo)
    (line,) = log.lines
    assert line["event"] == "request" and line["level"] == "info"
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/v1/search", 200)
    assert line["bytes"] == len(answer.data)
    assert set(line["stages_ms"]) == {"detect", "choose", "decode", "embed", "search"}
    assert line["ms"] > line["stages_ms"]["embed"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["time"])


def test_a_request_has_one_id_in_its_line_its_header_and_its_answer(
    client: FlaskClient, mug_photo: bytes, log: Log
) -> None:
    answer = post(client, mug_photo)
    identity = answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", identity)
    assert answer.get_json()["request_id"] == log.lines[0]["request_id"] == identity


def test_a_well_formed_id_of_the_caller_is_kept(client: FlaskClient) -> None:
    refused = client.get("/api/v1/nothing", headers={"X-Request-Id": "trace-0123.45"})
    assert refused.headers["X-Request-Id"] == "trace-0123.45"
    assert refused.get_json()["request_id"] == "trace-0123.45"


@pytest.mark.parametrize("sent", ["", "short", "a b c d e f g", "x" * 129, '{"level": "error"}'])
def test_any_other_id_is_replaced(client: FlaskClient, sent: str) -> None:
    answer = client.get("/livez", headers={"X-Request-Id": sent})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_nothing_that_a_shopper_sent_is_logged(
    client: FlaskClient, mug_photo: bytes, log: Log
) -> None:
    token = post(client, mug_photo, limit="3").get_json()["image_token"]
    form = {"image": (io.BytesIO(mug_photo), "holiday-in-rome.jpg"), "limit": "my-secret"}
    client.post("/api/v1/search?key=hidden-key", data=form)
    client.get(f"/photos/{token}")
    client.get(f"/search?photo={token}&item=0")
    client.get("/api/v1/products/private-product", headers={"Authorization": "Bearer my-token"})
    client.get("/some/private/path")
    assert len(log.lines) == 6
    for secret in (token, "holiday", "my-secret", "hidden-key", "private", "my-token", "RIFF"):
        assert secret not in log.text
    assert {line["route"] for line in log.lines} >= {"/photos/<token>", "/search", ""}


def test_a_refused_request_is_a_line_with_its_code_and_no_traceback(
    client: FlaskClient, log: Log
) -> None:
    post(client, b"no picture")
    (line,) = log.lines
    assert (line["status"], line["code"], line["level"]) == (415, "not_a_picture", "info")
    assert "exception" not in line


def test_an_unexpected_error_is_logged_with_its_traceback_and_the_request(
    app: Flask, mug_photo: bytes, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(SearchService, "search", fail)
    answer = post(app.test_client(), mug_photo)
    error, line = log.lines
    assert error["level"] == "error" and "RuntimeError: the inside" in error["exception"]
    assert error["request_id"] == line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["level"], line["code"]) == ("warning", "internal_error")


def test_questions_of_machines_are_logged_at_debug_only(client: FlaskClient, log: Log) -> None:
    for address in ("/livez", "/readyz", "/metrics", "/static/style.css"):
        client.get(address)
    assert [line["level"] for line in log.lines] == ["debug"] * 4


AS_GUNICORN = """
import logging.config
from features.logs import logging_config
logging.config.dictConfig(logging_config("debug", "json"))
log = logging.getLogger("gunicorn.error")
log.debug("%s %s", "GET", "/photos/my-token")
log.info("Listening at: %s", "http://127.0.0.1:5000")
log.warning("Invalid request from ip=203.0.113.9: Invalid HTTP Header: 'my-key'")
try:
    raise OSError("the disk is gone")
except OSError:
    log.exception("Error handling request %s %s", "GET", "/photos/my-token?key=my-key")
"""


def test_gunicorns_own_lines_have_the_same_form_and_quote_no_request() -> None:
    said = run_python("-c", AS_GUNICORN).stderr
    started, refused, failed = (json.loads(line) for line in said.splitlines())
    assert started["event"] == "Listening at: http://127.0.0.1:5000"
    assert refused["event"] == "bad request" and refused["level"] == "warning"
    assert "OSError: the disk is gone" in failed["exception"]
    assert "my-" not in said and "203.0.113.9" not in said


def test_as_text_a_line_reads_well(client: FlaskClient, text_log: Log) -> None:
    client.get("/")
    (line,) = text_log.text.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\S+ \[info +\] request ", line)
    assert "status=200" in line and "\x1b" not in line
