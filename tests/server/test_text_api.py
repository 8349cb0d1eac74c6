"""Words in `POST /api/v1/search`, over the store of a tiny image-text model."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image as Pillow
from werkzeug.test import TestResponse

from features.catalog import read_catalog
from features.extractors import DEFAULT_EXTRACTOR, AdaptedExtractor, Weights
from features.store import StoreSet
from features.sync import SyncOptions, sync_stores
from server import create_app
from server.config import Settings
from server.services.loading import ServiceLoader
from tests.adapted import add_adapted_store
from tests.helpers import encoded
from tests.server.conftest import KEY, TidyClient
from tests.server.test_search_api import assert_problem
from tests.tiny_models import clip_folder, write_colours

MODEL = "clip_vit_b32"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_folder(tmp_path_factory.mktemp("clip"))


@pytest.fixture
def stores(tmp_path: Path, weights: Path) -> Path:
    feed = read_catalog(write_colours(tmp_path / "shop"))
    stores = StoreSet(tmp_path / "stores")
    sync_stores(stores, feed, SyncOptions(extractors=(MODEL,), weights=Weights(weights)))
    return stores.folder


@pytest.fixture
def colours(stores: Path, settings: Settings, weights: Path, tmp_path: Path) -> FlaskClient:
    """A client of a server that has the setting for the model's folder, and the admin key."""
    app = create_app(
        replace(
            settings,
            store=stores,
            weights=Weights(weights),
            pictures=tmp_path / "shop",
            admin_key=KEY,
        )
    )
    app.test_client_class = TidyClient
    return app.test_client()


def send(client: FlaskClient, colour: str = "", **fields: Any) -> TestResponse:
    """A search with the words in `fields`, and a photo if there is a colour for it."""
    photo = encoded(Pillow.new("RGB", (64, 48), colour)) if colour else b""
    data = {**fields, **({"image": (io.BytesIO(photo), "photo.png")} if photo else {})}
    return client.post("/api/v1/search", data=data)


def results(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["results"]
    return found


def test_words_alone_find_what_pictures_show(colours: FlaskClient) -> None:
    answer = send(colours, text="a blue thing", limit="2")
    first, second = results(answer)
    assert first["product"]["id"] == "blue"
    assert 0 <= first["distance"] <= second["distance"]
    assert first["similarity"] is None
    said = answer.get_json()
    assert said["extractor"] == MODEL
    assert said["no_confident_match"] is False
    assert said["took_ms"]["embed"] > 0
    assert "image_token" not in said


def test_words_beside_a_photo_change_what_is_found(colours: FlaskClient) -> None:
    plain = send(colours, "red")
    assert results(plain)[0]["product"]["id"] == "red"
    assert results(plain)[0]["similarity"] > 0
    words = send(colours, "red", text="but in blue", text_weight="0.7")
    assert results(words)[0]["product"]["id"] == "blue"
    assert results(words)[0]["similarity"] is None
    again = colours.post(
        "/api/v1/search",
        data={"image_token": words.get_json()["image_token"], "text": "green", "text_weight": "1"},
    )
    assert results(again)[0]["product"]["id"] == "green"


def test_words_go_with_products_filters_and_fields(colours: FlaskClient) -> None:
    answer = send(
        colours,
        text="blue",
        text_weight="0.9",
        product_id="red",
        filter="category:Cold",
        fields="id",
    )
    assert results(answer)[0]["product"] == {"id": "blue"}
    assert "yellow" not in str(results(answer))


def test_an_empty_field_of_a_form_is_no_text(colours: FlaskClient) -> None:
    assert results(send(colours, "red", text=" "))[0]["similarity"] > 0
    assert_problem(send(colours, text=""), 400, "missing_image")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "red", "text_weight": "2"},
        {"text": "red", "text_weight": "nan"},
        {"text": "red", "text_weight": "much"},
        {"text": "red", "threshold": "50"},
        {"text": "red", "box": "0,0,1,1"},
        {"text": "red " * 300},
    ],
    ids=str,
)
def test_words_that_cannot_be_searched_are_a_bad_request(
    colours: FlaskClient, fields: dict[str, str]
) -> None:
    assert_problem(send(colours, **fields), 400, "invalid_query")


def test_a_store_of_pictures_alone_filters_by_what_words_name(
    client: FlaskClient, mug_photo: bytes
) -> None:
    form = {"image": (io.BytesIO(mug_photo), "mug.webp"), "text": "like this, but a vase"}
    answer = client.post("/api/v1/search", data=form)
    assert {hit["product"]["category"] for hit in results(answer)} == {"Vases"}
    assert answer.get_json()["understood"] == ["category:vases"]
    assert results(answer)[0]["similarity"] is not None


def test_a_store_of_pictures_alone_says_that_it_knows_no_other_words(client: FlaskClient) -> None:
    for colour in ("", "red"):
        problem = assert_problem(send(client, colour, text="marvellous"), 400, "no_text_side")
        assert f"{DEFAULT_EXTRACTOR} knows pictures only" in problem["detail"]


def test_a_product_that_is_put_is_found_by_words_at_once(colours: FlaskClient) -> None:
    colours.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    green = encoded(Pillow.new("RGB", (48, 48), (40, 220, 40)))
    answer = colours.put(
        "/api/v1/products/lime",
        data={"product": '{"title": "Lime"}', "image": (io.BytesIO(green), "lime.png")},
    )
    assert answer.status_code in (200, 201), answer.get_json()
    assert "lime" in [hit["product"]["id"] for hit in results(send(colours, text="green"))[:2]]


def test_beside_an_adapted_store_words_are_searched_in_the_plain_one(
    stores: Path, colours: FlaskClient
) -> None:
    adapted = add_adapted_store(StoreSet(stores))
    photo = send(colours, "red").get_json()
    assert (photo["extractor"], photo["results"][0]["product"]["id"]) == (adapted, "red")
    said = send(colours, text="a blue thing").get_json()
    both = send(colours, "red", text="but in blue", text_weight="0.7").get_json()
    for answer in (said, both):
        assert (answer["extractor"], answer["results"][0]["product"]["id"]) == (MODEL, "blue")
    written = colours.get("/api/v1/search?q=rouge").get_json()
    assert (written["extractor"], written["results"][0]["product"]["id"]) == (MODEL, "red")
    token = both["image_token"]
    page = colours.get(f"/search?photo={token}&text=blue&threshold=90")
    assert page.text.count('class="product"') == 5, "what words find has no similarity to want"


def test_an_adapted_store_that_is_named_says_whose_store_knows_words(
    stores: Path, colours: FlaskClient
) -> None:
    adapted = add_adapted_store(StoreSet(stores))
    problem = assert_problem(send(colours, text="blue", extractor=adapted), 400, "no_text_side")
    assert f"{adapted} knows pictures only" in problem["detail"]
    assert f"extractor={MODEL}" in problem["detail"]
    warm = send(colours, "red", text="warm", extractor=adapted)
    assert warm.get_json()["understood"] == ["category:warm"]


def test_an_adapted_store_without_the_plain_one_knows_no_words(
    stores: Path, colours: FlaskClient
) -> None:
    add_adapted_store(StoreSet(stores))
    StoreSet(stores).forget(MODEL)
    assert_problem(send(colours, text="blue"), 400, "no_text_side")
    assert send(colours, "red", text="warm").get_json()["understood"] == ["category:warm"]


def test_the_plain_and_the_adapted_store_share_one_network(stores: Path, weights: Path) -> None:
    adapted = add_adapted_store(StoreSet(stores))
    loader = ServiceLoader(Settings(store=stores, weights=Weights(weights)))
    one, other = loader.get(adapted).extractor, loader.get(MODEL).extractor
    assert isinstance(one, AdaptedExtractor)
    assert one.plain is other
    again = ServiceLoader(Settings(store=stores, weights=Weights(weights)))
    other, one = again.get(MODEL).extractor, again.get(adapted).extractor
    assert isinstance(one, AdaptedExtractor)
    assert one.plain is other
