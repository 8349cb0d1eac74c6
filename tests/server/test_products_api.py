"""Products over HTTP: put, shown, deleted; every bad one refused with its cause."""

import io
import json
import logging
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.extractors import load_extractor
from features.pictures import Vault
from features.store import StoreSet, StoreWriter, open_store
from server import create_app
from server.config import Settings
from tests.features.pictures.web import reply, serving
from tests.helpers import picture
from tests.server.conftest import KEY, TidyClient, said_by
from tests.server.test_search_api import assert_problem, post
from tests.shop import PRODUCTS

MUG: dict[str, Any] = {
    "title": "Blue Mug",
    "description": "Holds 300 ml.",
    "category": "Mugs",
    "price": "12.50",
    "currency": "eur",
    "brand": "Kiln",
    "url": "https://shop.example/mug",
    "availability": "in stock",
    "attributes": {"colour": "blue"},
}


def client_of(settings: Settings, key: str = KEY) -> FlaskClient:
    app = create_app(settings)
    app.test_client_class = TidyClient
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def address(product_id: str) -> str:
    return f"/api/v1/products/{quote(product_id, safe='')}"


def put(
    client: FlaskClient, fields: Any, *pictures: bytes, product_id: str = "new mug"
) -> TestResponse:
    """With pictures as a form, else as JSON."""
    if not pictures:
        return client.put(address(product_id), json=fields)
    files = [(io.BytesIO(data), "photo.png") for data in pictures]
    form = {"product": json.dumps(fields), "image": files}
    return client.put(address(product_id), data=form)


def nearest(client: FlaskClient, photo: bytes) -> tuple[str, float, int]:
    """The nearest product, its distance, and the version that said so."""
    answer = post(client, photo, limit="1").get_json()
    hit = answer["results"][0]
    return hit["product"]["id"], hit["distance"], answer["index_version"]


def test_a_product_with_pictures_is_found_by_the_next_search(admin: FlaskClient) -> None:
    before = nearest(admin, picture(40))
    assert before[1] > 0
    answer = put(admin, MUG, picture(40), picture(41))
    assert answer.status_code == 201
    said = answer.get_json()
    assert said["created"] and said["index_version"] > before[2]
    assert said["index_versions"] == {"efficientnet_lite2_shop": said["index_version"]}
    assert nearest(admin, picture(40)) == ("new mug", 0, said["index_version"])
    for number, image in enumerate(said["product"]["images"]):
        assert image["n"] == number
        assert admin.get(image["url"]).data == picture(40 + number)


def test_a_product_is_shown_as_it_was_put(admin: FlaskClient, own_app: Flask) -> None:
    said = put(admin, MUG, picture(40)).get_json()
    shown = said_by(admin.get(address("new mug")))
    assert shown == {"index_version": said["index_version"], "product": said["product"]}
    product = dict(shown["product"])
    (image,) = product.pop("images")
    expected = {**MUG, "id": "new mug", "currency": "EUR", "availability": "in_stock"}
    assert product == expected
    assert image["location"].startswith("upload:")
    public = own_app.test_client().get(address("new mug")).get_json()
    assert set(public["product"]["images"][0]) == {"n", "url"}


def test_a_second_put_replaces_all_words_and_keeps_the_pictures(admin: FlaskClient) -> None:
    first = put(admin, MUG, picture(40)).get_json()
    answer = put(admin, {"title": "Green Mug"})
    assert answer.status_code == 200
    said = said_by(answer)
    assert not said["created"] and said["index_version"] == first["index_version"] + 1
    assert (said["product"]["title"], said["product"]["price"]) == ("Green Mug", None)
    assert said["product"]["images"] == first["product"]["images"]
    assert said_by(put(admin, {"title": "Green Mug"})) == said


def test_pictures_are_given_by_address_and_by_file(admin: FlaskClient) -> None:
    sent = put(admin, {}, picture(40)).get_json()["product"]["images"][0]["location"]
    images = put(admin, {"images": ["products/mug-001.webp", sent]}).get_json()["product"]["images"]
    assert [image["location"] for image in images] == ["products/mug-001.webp", sent]


def test_a_picture_is_fetched_from_an_allowed_host(own_settings: Settings) -> None:
    with serving(lambda _: reply(body=picture(40))) as web:
        client = client_of(replace(own_settings, allowed_hosts=("127.0.0.1",)))
        assert put(client, {"images": [web.url()]}).status_code == 201
    assert nearest(client, picture(40))[:2] == ("new mug", 0)
    (image,) = client.get(address("new mug")).get_json()["product"]["images"]
    assert client.get(image["url"]).data == picture(40)


def test_a_picture_from_the_shops_own_network_is_refused(
    admin: FlaskClient, own_store: Path
) -> None:
    with serving(lambda _: reply(body=picture(40))) as web:
        problem = assert_problem(put(admin, {"images": [web.url()]}), 422, "fetch_refused")
        assert "picture 0" in problem["detail"] and web.requests == []
    for location in ("http://169.254.169.254/", "file:///etc/passwd", "gopher://x/"):
        assert_problem(put(admin, {"images": [location]}), 422, "fetch_refused")


IDS = ["a/b", "/a", "a//b", "a/", "x/images", "ä ö", "50% off?", "a&b=c#d", "..", "'\"<b>", "日本"]


@pytest.mark.parametrize("product_id", IDS)
def test_an_id_may_have_any_characters(admin: FlaskClient, product_id: str) -> None:
    said = put(admin, {"title": "Odd"}, picture(40), picture(41), product_id=product_id)
    assert said.status_code == 201 and said.get_json()["product"]["id"] == product_id
    assert nearest(admin, picture(40))[:2] == (product_id, 0)
    assert admin.get(address(product_id)).get_json()["product"]["id"] == product_id
    left = admin.delete(f"{address(product_id)}/images/0").get_json()
    assert len(left["product"]["images"]) == 1
    assert admin.delete(address(product_id)).get_json()["deleted"] == product_id
    assert_problem(admin.get(address(product_id)), 404, "unknown_product")


def test_a_deleted_product_is_not_found_any_more(admin: FlaskClient) -> None:
    put(admin, MUG, picture(40))
    answer = admin.delete(address("new mug"))
    said = answer.get_json()
    assert (answer.status_code, said["deleted"]) == (200, "new mug")
    product_id, distance, seen = nearest(admin, picture(40))
    assert product_id != "new mug" and distance > 0 and seen == said["index_version"]
    for method in ("GET", "DELETE"):
        answer = admin.open(address("new mug"), method=method)
        assert_problem(answer, 404, "unknown_product")


def test_one_picture_is_deleted_but_not_the_only_one(admin: FlaskClient) -> None:
    put(admin, MUG, picture(40), picture(41))
    said = admin.delete(f"{address('new mug')}/images/0").get_json()
    assert len(said["product"]["images"]) == 1
    assert nearest(admin, picture(41))[:2] == ("new mug", 0)
    assert nearest(admin, picture(40))[1] > 0
    for number, status, code in ((0, 409, "invalid_change"), (1, 404, "picture_not_found")):
        answer = admin.delete(f"{address('new mug')}/images/{number}")
        assert "picture" in assert_problem(answer, status, code)["detail"]
    for path in ("none/images/0", "none/images/-1", "none/images/x"):
        assert_problem(admin.delete(f"/api/v1/products/{path}"), 404, "unknown_product")


BAD_FIELDS: dict[str, Any] = {
    "a list": [],
    "text": "mug",
    "null": None,
    "unknown field": {"colour": "blue"},
    "another id": {"id": "other"},
    "id of another type": {"id": 7},
    "title is a number": {"title": 7},
    "title too long": {"title": "x" * 20_001},
    "price is true": {"price": True},
    "price is negative": {"price": -1},
    "price is minus zero": {"price": -0.0},
    "price is not a number": {"price": float("nan")},
    "price is infinite": {"price": float("inf")},
    "price with a sign": {"price": "12,50 EUR"},
    "price with underscores": {"price": "1_000"},
    "price in other digits": {"price": "١٢"},
    "price too large": {"price": 10**12},
    "price with an exponent": {"price": "1e3"},
    "price is an object": {"price": {"amount": 1}},
    "currency": {"currency": "euros"},
    "script link": {"url": "javascript:alert(1)"},
    "broken link": {"url": "http://["},
    "availability": {"availability": "perhaps"},
    "attributes are a list": {"attributes": []},
    "attribute is a number": {"attributes": {"size": 7}},
    "too many attributes": {"attributes": {str(n): "x" for n in range(201)}},
    "images is text": {"images": "a.png"},
    "images holds a number": {"images": [7]},
    "images holds nothing": {"images": [" "]},
    "too many images": {"images": [f"{n}.png" for n in range(51)]},
    "image that is not there": {"images": ["none.png"]},
    "image outside": {"images": ["../../../../../etc/passwd"]},
    "upload that is not there": {"images": [f"upload:{'0' * 32}"]},
}


@pytest.mark.parametrize("kind", BAD_FIELDS)
def test_a_bad_product_is_refused_and_nothing_changes(
    admin: FlaskClient, own_store: Path, kind: str
) -> None:
    version = open_store(StoreSet(own_store).folder_of()).version
    problem = assert_problem(put(admin, BAD_FIELDS[kind]), 422, "invalid_product")
    assert len(problem["detail"]) > 20 and str(own_store) not in problem["detail"]
    assert open_store(StoreSet(own_store).folder_of()).version == version


@pytest.mark.parametrize("fields", [{"images": []}, {"title": "Mug"}])
def test_a_new_product_without_a_picture_is_refused(
    admin: FlaskClient, own_store: Path, fields: dict[str, Any]
) -> None:
    version = open_store(StoreSet(own_store).folder_of()).version
    assert "0 pictures" in assert_problem(put(admin, fields), 409, "invalid_change")["detail"]
    assert open_store(StoreSet(own_store).folder_of()).version == version


@pytest.mark.parametrize(("sent", "said"), [(15, "15"), (12.5, "12.5"), (1e-5, "0.00001")])
def test_a_price_may_be_any_number(admin: FlaskClient, sent: float, said: str) -> None:
    answer = put(admin, {**MUG, "price": sent}, picture(40))
    assert Decimal(answer.get_json()["product"]["price"]) == Decimal(said)


def test_a_product_with_commas_in_its_id_is_searched_with_and_left_out(
    admin: FlaskClient,
) -> None:
    assert put(admin, MUG, picture(40), product_id="mug,blue").status_code == 201
    ask = partial(admin.post, "/api/v1/search")
    everything = ask(data={"product_id": "mug,blue", "limit": "100"}).get_json()["results"]
    ids = [hit["product"]["id"] for hit in everything]
    assert len(ids) == PRODUCTS
    two = ask(data={"product_id": ["mug,blue", f"{ids[0]},{ids[1]}"], "limit": "100"})
    left = [hit["product"]["id"] for hit in two.get_json()["results"]]
    assert sorted(left) == sorted(ids[2:])
    assert post(admin, picture(40)).get_json()["results"][0]["product"]["id"] == "mug,blue"
    others = post(admin, picture(40), exclude="mug,blue", limit="100").get_json()["results"]
    assert sorted(hit["product"]["id"] for hit in others) == sorted(ids)


@pytest.mark.parametrize("odd", [".", "..", "mug/similar", "mug/images/0", "/", "a b?&=%2F"])
def test_a_product_that_a_parameter_names_may_have_any_id(admin: FlaskClient, odd: str) -> None:
    named = {"product_id": odd}
    form = {
        "product": json.dumps(MUG),
        "image": [(io.BytesIO(picture(n)), "a.png") for n in (1, 2)],
    }
    assert admin.put("/api/v1/product", query_string=named, data=form).status_code == 201
    shown = admin.get("/api/v1/product", query_string=named).get_json()["product"]
    assert (shown["id"], len(shown["images"])) == (odd, 2)
    found = admin.get("/api/v1/similar", query_string={**named, "limit": 3})
    assert len(found.get_json()["results"]) == 3
    assert admin.delete("/api/v1/product/images/1", query_string=named).status_code == 200
    assert admin.delete("/api/v1/product", query_string=named).get_json()["deleted"] == odd


@pytest.mark.parametrize("query", ["", "?product_id=", "?product_id=mug-001&product_id=lamp-001"])
def test_a_parameter_names_one_product(admin: FlaskClient, query: str) -> None:
    for method, path in (("GET", "similar"), ("GET", "product"), ("DELETE", "product")):
        answer = admin.open(f"/api/v1/{path}{query}", method=method)
        assert "one product" in assert_problem(answer, 400, "invalid_query")["detail"]


@pytest.mark.parametrize("what", ["similar", "images/0"])
def test_what_belongs_to_a_product_is_not_its_id(admin: FlaskClient, what: str) -> None:
    answer = admin.put(f"{address('mug')}/{what}", json=MUG)
    assert_problem(answer, 405, "method_not_allowed")
    assert "PUT" not in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"price": 1' + b"0" * 5000 + b"}", b"[" * 100_000]
)
def test_a_body_that_is_no_json_is_refused(admin: FlaskClient, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        answer = admin.put(address("mug"), data=body, content_type=kind)
        assert "JSON" in assert_problem(answer, 422, "invalid_product")["detail"]


def test_stray_surrogates_and_control_characters_do_no_harm(admin: FlaskClient) -> None:
    body = b'{"title": "\\ud800Mug\\u0000", "attributes": {"\\udfff": "x", "a": "\\u0007"}}'
    form = {"product": body.decode(), "image": (io.BytesIO(picture(40)), "a.png")}
    product = admin.put(address("mug"), data=form).get_json()["product"]
    assert (product["title"], product["attributes"]) == ("Mug", {})
    for product_id in (" mug", "mug\x07", "x" * 501):
        answer = put(admin, MUG, picture(40), product_id=product_id)
        assert_problem(answer, 422, "invalid_product")


BAD_PICTURES = {
    "zero bytes": (b"", 400, "empty_picture"),
    "text": (b"not a picture", 415, "not_a_picture"),
    "truncated": (picture(41)[:200], 422, "broken_picture"),
    "too many bytes": (bytes(2_000_001), 413, "picture_too_large"),
}


@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_one_bad_picture_and_nothing_is_kept(
    admin: FlaskClient, own_store: Path, kind: str
) -> None:
    data, status, code = BAD_PICTURES[kind]
    before = open_store(StoreSet(own_store).folder_of()).version
    problem = assert_problem(put(admin, MUG, picture(40), data), status, code)
    assert problem["detail"].startswith("picture 1: ")
    assert open_store(StoreSet(own_store).folder_of()).version == before
    assert list(Vault(StoreSet(own_store).pictures_folder).digests()) == []


def test_a_request_may_be_larger_than_one_picture_but_not_than_ten(admin: FlaskClient) -> None:
    padded = [picture(40 + n) + bytes(1_900_000) for n in range(2)]
    assert put(admin, MUG, *padded).status_code == 201
    problem = assert_problem(put(admin, MUG, *[bytes(1_900_000)] * 12), 413, "upload_too_large")
    assert "20.5 MB" in problem["detail"]
    answer = put(admin, {"description": "x" * 600_000})
    assert "0.5 MB" in assert_problem(answer, 413, "upload_too_large")["detail"]


def test_too_many_files_are_refused(admin: FlaskClient) -> None:
    assert_problem(put(admin, MUG, *[picture(40)] * 51), 422, "invalid_product")


def test_a_file_by_another_name_is_not_overlooked(admin: FlaskClient) -> None:
    for name, value in {"photo": (io.BytesIO(picture(40)), "a.png"), "image": "a.png"}.items():
        answer = admin.put(address("mug"), data={"product": "{}", name: value})
        assert "'image'" in assert_problem(answer, 422, "invalid_product")["detail"]


def test_another_writer_is_named_and_may_be_waited_for(
    admin: FlaskClient, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.changes._PATIENCE", 0.1)
    folder = StoreSet(own_store).folder_of()
    with StoreWriter(folder, open_store(folder).spec, purpose="importing spring.csv"):
        answer = put(admin, MUG, picture(40))
        assert "importing spring.csv" in assert_problem(answer, 409, "store_locked")["detail"]
        assert int(answer.headers["Retry-After"]) > 0
    assert put(admin, MUG, picture(40)).status_code == 201


def test_a_shop_can_begin_with_the_api_alone(own_settings: Settings, tmp_path: Path) -> None:
    client = client_of(replace(own_settings, store=tmp_path / "empty", pictures=None))
    assert_problem(post(client, picture(40)), 503, "store_not_found")
    assert_problem(put(client, MUG), 409, "invalid_change")
    assert said_by(client.get("/api/v1/jobs")) == {"index_version": None, "jobs": []}
    said = put(client, MUG, picture(40))
    assert said.status_code == 201
    version = said.get_json()["index_version"]
    assert nearest(client, picture(40)) == ("new mug", 0, version)


def test_every_answer_tells_the_version(admin: FlaskClient) -> None:
    said = put(admin, MUG, picture(40)).get_json()["index_version"]
    answers = [
        post(admin, picture(1)),
        admin.post("/api/v1/detect", data={"image": (io.BytesIO(picture(1)), "a.png")}),
        admin.get(address("new mug")),
        admin.get("/api/v1/jobs"),
        admin.get("/readyz"),
    ]
    assert [answer.get_json()["index_version"] for answer in answers] == [said] * len(answers)


def test_a_picture_that_is_gone_tells_no_folder(own_settings: Settings, tmp_path: Path) -> None:
    client = client_of(replace(own_settings, pictures=tmp_path / "moved"), key="")
    shown = post(client, picture(40), limit="1").get_json()["results"][0]["image_url"]
    page = client.get(shown)
    assert page.status_code == 404 and "moved" not in page.text


def test_the_key_is_in_no_log(admin: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        put(admin, MUG, picture(40))
        put(admin, {"price": -1})
    assert KEY not in caplog.text


def test_a_store_that_crops_embeds_the_main_item(own_settings: Settings, tmp_path: Path) -> None:
    """The detector must be the one that the store was made with."""
    for detector, status in (("regions", 201), ("another", 503)):
        stores = StoreSet(tmp_path / detector)
        spec = replace(load_extractor().spec, crop=f"auto:{detector}")
        with StoreWriter(stores.place_for("efficientnet_lite2_shop"), spec) as writer:
            stores.add("efficientnet_lite2_shop", writer.folder)
        client = client_of(replace(own_settings, store=stores.folder, detector="regions"))
        assert put(client, MUG, picture(40)).status_code == status
