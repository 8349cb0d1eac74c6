"""Searching with several seeds, comparing, filters over HTTP, and what the stores hold."""

import io
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.search import SearchService
from server import create_app
from server.config import Settings
from tests.features.pictures.web import Reply, Request, Web, reply, serving
from tests.server.conftest import TidyClient
from tests.shop import PRODUCTS, SAMPLE


def send(client: FlaskClient, path: str, *photos: bytes, **fields: Any) -> TestResponse:
    data = {**fields, "image": [(io.BytesIO(photo), "photo") for photo in photos]}
    return client.post(f"/api/v1/{path}", data=data)


@pytest.fixture
def lamp_photo() -> bytes:
    return next((SAMPLE / "photos").glob("lamp*")).read_bytes()


@pytest.fixture
def ids(service: SearchService) -> list[str]:
    return list(service.view.products)


@pytest.fixture
def web(mug_photo: bytes) -> Iterator[Web]:
    """A web server with one photo."""

    def answer(request: Request) -> Reply:
        return reply(body=mug_photo) if request.path == "/mug.webp" else reply(404)

    with serving(answer) as running:
        yield running


def found(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.get_json()
    return [hit["product"]["id"] for hit in answer.get_json()["results"]]


def test_several_photos_and_products_are_searched_by_their_mean(
    client: FlaskClient, mug_photo: bytes, lamp_photo: bytes, ids: list[str]
) -> None:
    alone = found(send(client, "search", mug_photo, limit="100"))
    both = send(client, "search", mug_photo, lamp_photo, limit="100")
    assert sorted(found(both)) == sorted(alone)
    assert {hit["product"]["category"] for hit in both.get_json()["results"][:3]} >= {"Mugs"}
    with_product = found(send(client, "search", mug_photo, product_id=ids[:2], limit="100"))
    assert not set(with_product) & set(ids[:2])
    assert len(with_product) == PRODUCTS - 2
    only_products = found(client.post("/api/v1/search", data={"product_id": ids[:2]}))
    assert not set(only_products) & set(ids[:2])


def test_seeds_that_make_no_sense_are_refused(
    client: FlaskClient, mug_photo: bytes, ids: list[str]
) -> None:
    cases = [
        send(client, "search", *[mug_photo] * 11),
        send(client, "search", mug_photo, mug_photo, box="0,0,1,1"),
        send(client, "search", mug_photo, product_id=ids[:1], item="0"),
        client.post("/api/v1/search", data={"product_id": ids[:11]}),
        send(client, "detect", mug_photo, mug_photo),
        send(client, "compare", mug_photo),
        send(client, "compare", mug_photo, mug_photo, mug_photo),
    ]
    for answer in cases:
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")
    unknown = client.post("/api/v1/search", data={"product_id": "nobody"})
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown_product")


def test_two_photos_are_compared(client: FlaskClient, mug_photo: bytes, lamp_photo: bytes) -> None:
    same = send(client, "compare", mug_photo, mug_photo).get_json()
    assert (same["distance"], same["similarity"], same["same_thing"]) == (0, 100, True)
    other = send(client, "compare", mug_photo, lamp_photo).get_json()
    assert other["similarity"] < same["similarity"]


def test_similar_products_can_be_filtered_counted_and_paged(
    client: FlaskClient, ids: list[str]
) -> None:
    path = f"/api/v1/products/{ids[0]}/similar"
    everything = client.get(path, query_string={"limit": "100", "facets": "category,price"})
    assert len(found(everything)) == PRODUCTS - 1
    facets = everything.get_json()["facets"]
    assert sum(facets["category"].values()) == PRODUCTS - 1
    assert facets["price"]["min"] < facets["price"]["max"]
    category = next(iter(facets["category"]))
    some = client.get(path, query_string={"filter": [f"category:{category}", "price:0,"]})
    assert {hit["product"]["category"] for hit in some.get_json()["results"]} == {category}
    second = client.get(path, query_string={"limit": "3", "offset": "3"})
    assert found(second) == found(everything)[3:6]
    without = client.get(path, query_string={"exclude": ",".join(found(everything)[:2])})
    assert found(without)[0] == found(everything)[2]
    none = client.get(path, query_string={"threshold": "100"})
    assert found(none) == []
    filled = client.get(path, query_string={"threshold": "100", "fallback": "category"})
    assert all(hit["fallback"] for hit in filled.get_json()["results"])


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "offset=1001",
        "threshold=101",
        "threshold=nan",
        "filter=x",
        "filter=price:9,1",
        "fallback=all",
        "extractor=none",
    ],
)
def test_a_parameter_out_of_its_range_is_refused(
    client: FlaskClient, ids: list[str], query: str
) -> None:
    answer = client.get(f"/api/v1/products/{ids[0]}/similar?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")


@pytest.mark.parametrize("wanted", [["id", "title"], ["id,title"], ["title", "id, title"]])
def test_an_answer_has_only_the_fields_that_are_asked_for(
    client: FlaskClient, mug_photo: bytes, ids: list[str], wanted: list[str]
) -> None:
    by_photo = send(client, "search", mug_photo, fields=wanted)
    by_seeds = send(client, "search", mug_photo, fields=wanted, product_id=ids[0])
    by_id = client.get(f"/api/v1/products/{ids[0]}/similar", query_string={"fields": wanted})
    for answer in (by_photo, by_seeds, by_id):
        assert [list(hit["product"]) for hit in answer.get_json()["results"]] == [
            ["id", "title"]
        ] * len(answer.get_json()["results"])
        assert answer.get_json()["results"]


def test_a_field_that_products_do_not_have_is_refused(
    client: FlaskClient, mug_photo: bytes, ids: list[str]
) -> None:
    by_photo = send(client, "search", mug_photo, fields="id,colour")
    by_id = client.get(f"/api/v1/products/{ids[0]}/similar?fields=colour")
    for answer in (by_photo, by_id):
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")
        assert "'colour'" in answer.get_json()["detail"]


def test_stats_tell_what_the_stores_hold(client: FlaskClient, service: SearchService) -> None:
    stats = client.get("/api/v1/stats").get_json()
    store = stats["extractors"]["efficientnet_lite2_shop"]
    assert stats["extractor"] == "efficientnet_lite2_shop"
    assert (store["products"], store["dim"]) == (PRODUCTS, service.extractor.spec.dim)
    assert store["pictures"] >= PRODUCTS
    assert stats["index_version"] == store["index_version"] == service.view.version
    assert store["bytes"] > store["pictures"] * service.extractor.spec.dim * 4


@pytest.fixture
def near(settings: Settings, service: SearchService) -> Iterator[Flask]:
    """An application that fetches photos from this machine too."""
    app = create_app(replace(settings, allowed_hosts=("127.0.0.1",)), service=service)
    app.test_client_class = TidyClient
    yield app
    app.extensions["web"].close()


def code_at(app: Flask, address: str) -> str | None:
    """The problem of a search with the photo of an address."""
    answer = app.test_client().post("/api/v1/search", data={"image_url": address})
    said: dict[str, Any] = answer.get_json()
    return said.get("code")


def test_a_photo_may_be_named_by_its_address(near: Flask, mug_photo: bytes, web: Web) -> None:
    client = near.test_client()
    by_address = client.post("/api/v1/search", data={"image_url": web.url("/mug.webp")})
    assert found(by_address) == found(send(client, "search", mug_photo))
    token = by_address.get_json()["image_token"]
    again = client.post("/api/v1/search", data={"image_token": token})
    assert found(again) == found(by_address)
    assert code_at(near, web.url("/nothing")) == "fetch_not_found"


def test_servers_that_say_nothing_keep_a_few_threads_and_no_more(near: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(20) as shoppers:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/mug.webp"
        asked = as_completed([shoppers.submit(code_at, near, address) for _ in range(20)], 30)
        at_once = Counter(next(asked).result() for _ in range(12))
        near.extensions["web"].close()
        given_up = Counter(search.result() for search in asked)
    assert at_once == {"uploads_busy": 12}
    assert given_up == {"fetch_cancelled": 8}


def test_a_place_to_fetch_is_free_again_after_a_failure(near: Flask, web: Web) -> None:
    assert {code_at(near, web.url("/nothing")) for _ in range(20)} == {"fetch_not_found"}


def test_no_shopper_waits_for_the_end_of_a_pause_that_a_server_asks_for(near: Flask) -> None:
    with serving(lambda _: reply(503, Retry_After="60")) as tired:
        began = time.monotonic()
        assert {code_at(near, tired.url()) for _ in range(2)} == {"fetch_failed"}
    assert time.monotonic() - began < 5


def test_a_photo_of_the_servers_own_network_is_not_fetched(client: FlaskClient, web: Web) -> None:
    answer = client.post("/api/v1/search", data={"image_url": web.url("/mug.webp")})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "fetch_refused")
    assert web.requests == []
