"""`emphasis` as a caller and a shopper's page meet it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from features.catalog import read_catalog
from features.store import StoreSet, StoreWriter, open_store
from features.sync import SyncOptions, sync_stores
from server import create_app
from server.config import Settings
from tests.adapted import add_adapted_store
from tests.helpers import picture, shop
from tests.server.conftest import TidyClient
from tests.server.test_search_api import assert_problem, post

SIMILAR = "/api/v1/products/mug-001/similar"
RESULTS = "/search?example=mug-on-counter"
LITE0, LITE2 = "efficientnet_lite0", "efficientnet_lite2_shop"


def client_of(stores: StoreSet, settings: Settings) -> FlaskClient:
    app = create_app(replace(settings, store=stores.folder))
    app.test_client_class = TidyClient
    return app.test_client()


def stores_of(folder: Path, extractor: str) -> StoreSet:
    stores = StoreSet(folder / "stores")
    sync_stores(
        stores, read_catalog(shop(folder / "shop", 3)), SyncOptions(extractors=(extractor,))
    )
    return stores


def distances(answer: dict[str, Any]) -> dict[str, float]:
    return {hit["product"]["id"]: hit["distance"] for hit in answer["results"]}


def test_a_search_and_similar_products_take_an_emphasis(
    client: FlaskClient, mug_photo: bytes
) -> None:
    for ask in (
        lambda **asked: post(client, mug_photo, limit="12", **asked).get_json(),
        lambda **asked: client.get(SIMILAR, query_string={"limit": "12", **asked}).get_json(),
    ):
        usual = distances(ask())
        assert distances(ask(emphasis="balanced")) == distances(ask(emphasis="")) == usual
        found = [distances(ask(emphasis=emphasis)) for emphasis in ("colour", "shape")]
        assert all(list(one.values()) == sorted(one.values()) for one in found)
        assert usual != found[0] != found[1] != usual
        assert usual.keys() == found[0].keys() == found[1].keys()


def test_a_part_a_mixture_and_a_frame_take_an_emphasis(
    client: FlaskClient, mug_photo: bytes
) -> None:
    for asked in ({"box": "0.2,0.3,0.8,0.7"}, {"product_id": "mug-001"}):
        usual = post(client, mug_photo, **asked).get_json()
        shape = post(client, mug_photo, emphasis="shape", **asked).get_json()
        assert distances(shape) != distances(usual)
    page = client.get("/embed/similar/mug-001?emphasis=shape")
    assert page.status_code == 200 and "data-product" in page.text


@pytest.mark.parametrize("emphasis", ["color", "COLOUR", "all", "x" * 300])
def test_another_emphasis_is_refused_with_those_there_are(
    client: FlaskClient, mug_photo: bytes, emphasis: str
) -> None:
    for answer in (
        post(client, mug_photo, emphasis=emphasis),
        client.get(SIMILAR, query_string={"emphasis": emphasis}),
    ):
        problem = assert_problem(answer, 400, "invalid_query")
        assert "balanced, colour or shape" in problem["detail"] and len(problem["detail"]) < 100


def test_words_have_no_emphasis(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=mug&emphasis=colour")
    assert_problem(answer, 400, "invalid_query")


def test_another_emphasis_is_another_answer_for_caches(client: FlaskClient) -> None:
    tags = {client.get(f"{SIMILAR}?emphasis={it}").headers["ETag"] for it in ("colour", "shape")}
    assert len({*tags, client.get(SIMILAR).headers["ETag"]}) == 3


def test_the_page_offers_each_emphasis_and_keeps_the_chosen_one(client: FlaskClient) -> None:
    plain = client.get(RESULTS).text
    assert re.findall(r'name="emphasis" value="(\w+)"', plain) == ["balanced", "colour", "shape"]
    chosen = client.get(f"{RESULTS}&emphasis=colour&threshold=5").text
    assert re.findall(r'value="(\w+)" autocomplete="off" checked', chosen) == ["colour"]
    assert 'type="hidden" name="emphasis" value="colour"' in chosen  # another item keeps it
    form = chosen.partition('class="similarity"')[2].partition("</form>")[0]
    assert form.count('type="hidden"') == 1  # the example; what the form itself sets is sent once
    assert client.get(f"{RESULTS}&emphasis=none").status_code == 400


def test_nothing_similar_enough_leads_to_any_similarity_with_the_same_emphasis(
    client: FlaskClient,
) -> None:
    page = client.get(f"{RESULTS}&emphasis=shape&threshold=100").text
    assert 'href="/search?example=mug-on-counter&amp;emphasis=shape" data-any' in page


def test_a_store_without_colours_refuses_and_its_page_offers_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    client = client_of(stores_of(tmp_path, LITE0), settings)
    problem = assert_problem(post(client, picture(1), emphasis="colour"), 400, "no_emphasis")
    assert f"extract the catalogue with {LITE2}" in problem["detail"]
    assert post(client, picture(1), emphasis="balanced").status_code == 200
    assert 'name="emphasis"' not in client.get(RESULTS).text
    assert client.get(f"{RESULTS}&emphasis=shape").status_code == 400


def test_beside_an_adapted_store_the_plain_one_answers(tmp_path: Path, settings: Settings) -> None:
    stores = stores_of(tmp_path, LITE2)
    adapted = add_adapted_store(stores)
    client = client_of(stores, settings)
    usual = post(client, picture(1)).get_json()
    assert usual["extractor"] == adapted
    shape = post(client, picture(1), emphasis="shape").get_json()
    assert shape["extractor"] == LITE2
    assert (shape["results"][0]["product"]["id"], shape["results"][0]["distance"]) == ("p01", 0)
    similar = client.get("/api/v1/products/p01/similar?emphasis=colour").get_json()
    assert similar["extractor"] == LITE2
    assert 'name="emphasis"' in client.get(RESULTS).text
    assert client.get(f"{RESULTS}&emphasis=colour").status_code == 200
    named = post(client, picture(1), emphasis="shape", extractor=adapted)
    assert f"extractor={LITE2}" in assert_problem(named, 400, "no_emphasis")["detail"]


def test_an_adapted_store_alone_refuses_and_its_page_offers_nothing(
    tmp_path: Path, settings: Settings
) -> None:
    stores = stores_of(tmp_path, LITE2)
    add_adapted_store(stores)
    stores.forget(LITE2)
    client = client_of(stores, settings)
    assert_problem(post(client, picture(1), emphasis="shape"), 400, "no_emphasis")
    similar = "/api/v1/products/p01/similar?emphasis="
    assert_problem(client.get(f"{similar}shape"), 400, "no_emphasis")
    assert client.get(f"{similar}balanced").status_code == 200
    assert 'name="emphasis"' not in client.get(RESULTS).text


def test_a_change_of_the_plain_store_is_another_answer_for_caches(
    tmp_path: Path, settings: Settings
) -> None:
    stores = stores_of(tmp_path, LITE2)
    adapted = add_adapted_store(stores)
    client = client_of(stores, settings)
    address = "/api/v1/products/p01/similar"
    usual, shape = (client.get(f"{address}{it}").headers["ETag"] for it in ("", "?emphasis=shape"))
    assert stores.default == adapted
    plain = open_store(stores.folder_of(LITE2))
    with StoreWriter(plain.folder, plain.spec, plain.pictures_root) as writer:
        writer.delete([0])
    assert client.get(address).headers["ETag"] == usual
    assert client.get(f"{address}?emphasis=shape").headers["ETag"] != shape
