"""Several extractors side by side, and stores that are replaced while the server runs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pipeline import build_store
from features.store import MANIFEST, StoreSet, StoreWriter, open_store
from features.sync import SyncOptions, sync_stores
from server import create_app
from server.config import Settings
from tests.helpers import picture, pictures_in, shop
from tests.server.conftest import TidyClient
from tests.server.test_search_api import assert_problem, post

LITE0, LITE2 = "efficientnet_lite0", "efficientnet_lite2_shop"


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    """Two stores of p00, p01 and p02; that of lite2 is the default."""
    stores = StoreSet(tmp_path / "stores")
    feed = read_catalog(shop(tmp_path / "shop", 3))
    sync_stores(stores, feed, SyncOptions(extractors=(LITE2, LITE0)))
    return stores


@pytest.fixture
def client(stores: StoreSet, settings: Settings) -> FlaskClient:
    return client_of(stores, settings)


def client_of(stores: StoreSet, settings: Settings) -> FlaskClient:
    app = create_app(replace(settings, store=stores.folder))
    app.test_client_class = TidyClient
    return app.test_client()


def test_a_search_names_its_extractor(client: FlaskClient) -> None:
    for asked, used in (({}, LITE2), ({"extractor": LITE0}, LITE0), ({"extractor": LITE2}, LITE2)):
        answer = post(client, picture(1), **asked).get_json()
        assert answer["extractor"] == used
        assert answer["results"][0]["product"]["id"] == "p01"
        assert answer["results"][0]["distance"] == 0
        assert client.get(answer["results"][0]["image_url"]).data == picture(1)


@pytest.mark.parametrize("name", ["resnet50", "none", "../stores", "x" * 300])
def test_an_extractor_without_a_store_is_answered_with_those_there_are(
    client: FlaskClient, name: str
) -> None:
    problem = assert_problem(post(client, picture(1), extractor=name), 400, "invalid_query")
    assert f"{LITE0}, {LITE2}" in problem["detail"] and len(problem["detail"]) < 200


def test_a_folder_that_is_a_store_may_get_another(
    shop_store: Path, tmp_path: Path, settings: Settings
) -> None:
    feed = shop(tmp_path / "shop", 2)
    stores = StoreSet(tmp_path / "stores")
    catalog = read_catalog(feed)
    build_store(catalog, pictures_in(feed.parent), stores.folder, load_extractor())
    client = client_of(stores, settings)
    assert post(client, picture(1)).get_json()["extractor"] == LITE2
    sync_stores(stores, catalog, SyncOptions(extractors=(LITE0,)))
    assert post(client, picture(1), extractor=LITE0).get_json()["extractor"] == LITE0
    stores.swap_in(LITE0, stores.folder_of(LITE0))
    for name in (LITE0, LITE2):
        assert post(client, picture(1), extractor=name).get_json()["extractor"] == name
    assert post(client, picture(1)).get_json()["extractor"] == LITE0


def test_a_store_that_is_swapped_in_is_followed_and_so_is_the_way_back(
    stores: StoreSet, client: FlaskClient, tmp_path: Path
) -> None:
    assert post(client, picture(1)).get_json()["extractor"] == LITE2
    stores.swap_in(LITE0, stores.folder_of(LITE0))
    assert post(client, picture(1)).get_json()["extractor"] == LITE0
    assert client.get("/api/v1/products/p01").status_code == 200
    feed = shop(tmp_path / "other", 2, first=7)
    place = stores.new_place(LITE2)
    build_store(read_catalog(feed), pictures_in(feed.parent), place, load_extractor())
    stores.swap_in(LITE2, place)
    answer = post(client, picture(7)).get_json()
    assert (answer["extractor"], answer["results"][0]["product"]["id"]) == (LITE2, "p07")
    assert client.get("/api/v1/products/p01").status_code == 404
    stores.roll_back()
    assert post(client, picture(1)).get_json()["extractor"] == LITE0
    answer = post(client, picture(1), extractor=LITE2).get_json()
    assert answer["results"][0]["product"]["id"] == "p01"


def test_a_picture_that_only_another_store_has_is_shown_by_every_process(
    stores: StoreSet, settings: Settings, tmp_path: Path
) -> None:
    options = SyncOptions(extractors=(LITE0,), keep_missing=True)
    sync_stores(stores, read_catalog(shop(tmp_path / "more", 1, first=5)), options)
    answer = post(client_of(stores, settings), picture(5), extractor=LITE0).get_json()
    client = client_of(stores, settings)
    assert client.get(answer["results"][0]["image_url"]).data == picture(5)
    assert client.get(answer["results"][0]["thumbnail_url"]).status_code == 200
    view = open_store(stores.folder_of(LITE0))
    with StoreWriter(view.folder, view.spec, view.pictures_root) as writer:
        writer.delete(view.rows_of("p05"))
    assert client.get(answer["results"][0]["image_url"]).status_code == 404


def test_telling_what_the_stores_hold_loads_no_further_extractor(client: FlaskClient) -> None:
    told = client.get("/api/v1/stats").get_json()
    assert {name: store["pictures"] for name, store in told["extractors"].items()} == {
        LITE0: 3,
        LITE2: 3,
    }
    assert [it.spec.name for it in client.application.extensions["service"].extractors] == [LITE2]


def test_a_damaged_store_hides_no_picture_of_the_others(
    stores: StoreSet, settings: Settings
) -> None:
    (stores.folder_of(LITE0) / MANIFEST).write_text("torn")
    client = client_of(stores, settings)
    found = post(client, picture(1)).get_json()["results"][0]
    assert client.get(found["image_url"]).data == picture(1)
    assert client.get(f"/pictures/{'0' * 32}").status_code == 404


def test_a_store_of_other_weights_is_refused(
    stores: StoreSet, settings: Settings, tmp_path: Path
) -> None:
    path = stores.folder_of(LITE2) / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["extractor"]["weights_sha256"] = "0" * 64
    path.write_text(json.dumps(manifest))
    client = client_of(stores, settings)
    problem = assert_problem(post(client, picture(1)), 503, "fingerprint_mismatch")
    assert str(tmp_path) not in problem["detail"]
    assert post(client, picture(1), extractor=LITE0).status_code == 200
