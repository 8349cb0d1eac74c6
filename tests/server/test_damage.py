"""A damaged store is searched as far as it goes, and everybody who looks after it is told."""

from dataclasses import replace

import numpy as np
import pytest
from flask.testing import FlaskClient

from features.pictures import Vault
from features.repairing import repair_store
from features.store import StoreSet, StoreWriter, open_store
from server import create_app
from server.config import Settings
from tests.features.store.test_damage import cut
from tests.server.admin.forms import sign_in
from tests.server.conftest import KEY, TidyClient
from tests.server.test_metrics import value
from tests.server.test_search_api import post
from tests.shop import SAMPLE


@pytest.fixture
def damaged(own_settings: Settings) -> FlaskClient:
    """Of a store with a second segment of one product, whose vectors were cut."""
    folder = StoreSet(own_settings.store).folder_of()
    view = open_store(folder)
    with StoreWriter(folder, view.spec) as writer:
        picture = replace(view.pictures[0], product_id="late")
        product = replace(view.product_of(0), id="late")
        writer.append([picture], view.vectors(np.array([0])), [product])
    cut(folder / "vectors-0002.npy")
    return client_of(own_settings)


def client_of(settings: Settings) -> FlaskClient:
    app = create_app(settings)
    app.test_client_class = TidyClient
    app.extensions["service"].get()
    client: FlaskClient = app.test_client()
    return client


def test_the_rest_of_a_damaged_store_is_searched(damaged: FlaskClient, mug_photo: bytes) -> None:
    answer = post(damaged, mug_photo, limit="24")
    found = [result["product"]["id"] for result in answer.get_json()["results"]]
    assert answer.status_code == 200
    assert len(found) == 12 and "late" not in found
    assert damaged.get("/api/v1/products/late").status_code == 404


def test_the_health_page_says_what_is_missing(damaged: FlaskClient) -> None:
    answer = damaged.get("/readyz")
    said = answer.get_json()
    assert (answer.status_code, said["status"], said["pictures"]) == (200, "degraded", 12)
    damage = said["damage"]
    assert (damage["segments"], damage["pictures"]) == (1, 1)
    assert damage["problems"][0].startswith("vectors-0002.npy has ")
    assert "verify_store.py --repair" in damage["detail"]


def test_a_whole_store_has_no_damage_to_tell(own_settings: Settings) -> None:
    said = client_of(own_settings).get("/readyz").get_json()
    assert said["status"] == "ready" and "damage" not in said


def test_metrics_count_what_is_damaged(damaged: FlaskClient) -> None:
    extractor = "efficientnet_lite2_shop"
    for name in ("damaged_segments", "missing_pictures"):
        assert value(damaged, f"visual_search_index_{name}", extractor=extractor) == 1
    assert value(damaged, "visual_search_index_pictures", extractor=extractor) == 12


def test_the_admin_page_says_what_to_do(damaged: FlaskClient, own_settings: Settings) -> None:
    assert own_settings.admin_key == KEY
    assert sign_in(damaged).status_code == 303
    page = damaged.get("/admin").get_data(as_text=True)
    assert "1 picture cannot be found (vectors-0002.npy" in page
    assert "scripts/verify_store.py --repair" in page


def test_the_admin_page_of_a_whole_store_is_silent(own_settings: Settings) -> None:
    client = client_of(own_settings)
    assert sign_in(client).status_code == 303
    assert "damaged" not in client.get("/admin").get_data(as_text=True)


def test_a_repaired_store_is_whole_with_the_next_search(
    damaged: FlaskClient, own_settings: Settings
) -> None:
    stores = StoreSet(own_settings.store)
    (extractor,) = damaged.application.extensions["service"].extractors
    repair = repair_store(
        stores.folder_of(), extractor, Vault(stores.pictures_folder), pictures=SAMPLE
    )
    assert (repair.embedded, repair.missing) == (1, 0)
    said = damaged.get("/readyz").get_json()
    assert (said["status"], said["pictures"]) == ("ready", 13)
