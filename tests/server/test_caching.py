"""Answers that caches may keep."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from features.extractors import Extractor
from features.search import SearchService
from server import create_app
from server.config import Settings
from tests.server.conftest import TidyClient
from tests.server.test_metrics import value
from tests.server.test_search_api import assert_problem
from tests.shop import make_shop_store

PRODUCT = "/api/v1/products/mug-001"
SIMILAR = f"{PRODUCT}/similar"


@pytest.mark.parametrize("address", [PRODUCT, SIMILAR])
def test_an_answer_says_how_long_it_may_be_kept(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.headers["ETag"].startswith('W/"')
    cached = answer.cache_control
    assert cached.public and cached.max_age == 60 and cached.stale_while_revalidate == 600
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("address", [PRODUCT, SIMILAR])
def test_a_known_answer_is_confirmed_without_a_body(client: FlaskClient, address: str) -> None:
    tag = client.get(address).headers["ETag"]
    known = client.get(address, headers={"If-None-Match": f'"other", {tag}'})
    assert known.status_code == 304 and known.data == b""
    assert known.headers["ETag"] == tag and known.cache_control.max_age == 60
    assert "Origin" in known.headers["Vary"]


def test_a_known_answer_costs_no_search_and_less_than_two_milliseconds(
    client: FlaskClient,
) -> None:
    tag = {"If-None-Match": client.get(SIMILAR).headers["ETag"]}
    assert value(client, "visual_search_stage_seconds_count", stage="search") == 1
    took = []
    for _ in range(20):
        started = time.perf_counter()
        assert client.get(SIMILAR, headers=tag).status_code == 304
        took.append(time.perf_counter() - started)
    assert value(client, "visual_search_stage_seconds_count", stage="search") == 1
    assert min(took) < 0.002


def test_another_question_has_another_tag_and_the_order_of_its_parts_does_not_matter(
    client: FlaskClient,
) -> None:
    def tag(address: str) -> str:
        return client.get(address).headers["ETag"]

    questions = [PRODUCT, SIMILAR, f"{SIMILAR}?limit=3", f"{SIMILAR}?limit=3&offset=1",
                 "/api/v1/products/lamp-001/similar"]  # fmt: skip
    assert len({tag(question) for question in questions}) == len(questions)
    assert tag(f"{SIMILAR}?offset=1&limit=3") == tag(f"{SIMILAR}?limit=3&offset=1")
    assert tag(SIMILAR) == tag(SIMILAR)


def test_a_change_of_the_store_is_another_answer(
    settings: Settings, extractor: Extractor, tmp_path: Path
) -> None:
    store = make_shop_store(tmp_path)
    app = create_app(
        replace(settings, store=store, admin_key="a" * 16), service=SearchService(store, extractor)
    )
    app.test_client_class = TidyClient
    client = app.test_client()
    tag = client.get(SIMILAR).headers["ETag"]
    admin = {"Authorization": "Bearer " + "a" * 16}
    assert client.delete("/api/v1/products/lamp-001", headers=admin).status_code == 200
    again = client.get(SIMILAR, headers={"If-None-Match": tag})
    assert again.status_code == 200 and again.headers["ETag"] != tag


def test_an_answer_to_who_sends_a_key_is_kept_by_nobody_else(client: FlaskClient) -> None:
    cached = client.get(PRODUCT, headers={"Authorization": "Bearer key"}).cache_control
    assert cached.private and not cached.public


def test_what_an_admin_is_told_is_another_answer(admin: FlaskClient) -> None:
    told = admin.get(PRODUCT)
    others = {"Authorization": ""}
    assert "location" in told.get_json()["product"]["images"][0]
    tag = admin.get(PRODUCT, headers=others).headers["ETag"]
    assert tag != told.headers["ETag"] and "Authorization" in told.headers["Vary"]
    assert admin.get(PRODUCT, headers={"If-None-Match": tag}).status_code == 200
    assert admin.get(PRODUCT, headers={"If-None-Match": tag, **others}).status_code == 304


@pytest.mark.parametrize("tag", ["*", 'W/"stale"', '"', "no-tag"])
def test_any_other_condition_is_answered_in_full(client: FlaskClient, tag: str) -> None:
    assert client.get(SIMILAR, headers={"If-None-Match": tag}).status_code == 200


def test_a_refusal_is_not_kept(client: FlaskClient) -> None:
    refused = client.get("/api/v1/products/unknown", headers={"If-None-Match": "*"})
    assert_problem(refused, 404, "unknown_product")
    assert "ETag" not in refused.headers and "Cache-Control" not in refused.headers
