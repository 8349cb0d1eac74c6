"""Choosing one item of a photo over the API."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from features.search import SearchService
from server import create_app
from server.config import Settings
from tests.server.conftest import TidyClient
from tests.server.test_search_api import assert_problem, post
from tests.shop import SAMPLE

WHOLE = [0, 0, 1, 1]


@pytest.fixture
def client(settings: Settings, service: SearchService) -> FlaskClient:
    """A shop whose items are found by the stand-in, which needs no weights."""
    app = create_app(replace(settings, detector="regions"), service=service)
    app.test_client_class = TidyClient
    return app.test_client()


@pytest.fixture
def two_products() -> bytes:
    """A mug on the left, a lamp on the right, on white."""
    canvas = Image.new("RGB", (1000, 500), "white")
    for left, name in ((50, "mug-001"), (550, "lamp-001")):
        with Image.open(SAMPLE / "products" / f"{name}.webp") as product:
            canvas.paste(product.convert("RGB"), (left, 50))
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG")
    return buffer.getvalue()


def search(client: FlaskClient, **fields: str) -> Any:
    return client.post("/api/v1/search", data=fields)


def test_detect_names_the_items_with_boxes_and_a_token(
    client: FlaskClient, two_products: bytes
) -> None:
    answer = client.post(
        "/api/v1/detect", data={"image": (io.BytesIO(two_products), "x.png")}
    ).get_json()
    assert answer["detector"] == "regions" and len(answer["image_token"]) == 32
    assert [item["id"] for item in answer["objects"]] == list(range(len(answer["objects"])))
    assert answer["objects"][-1]["box"] == WHOLE
    assert all(0 <= side <= 1 for item in answer["objects"] for side in item["box"])


def test_each_box_of_one_photo_finds_its_own_product(
    client: FlaskClient, two_products: bytes
) -> None:
    token = post(client, two_products).get_json()["image_token"]
    for box, product in (("0.05,0.1,0.45,0.9", "mug-001"), ("0.55,0.1,0.95,0.9", "lamp-001")):
        answer = search(client, image_token=token, box=box).get_json()
        assert answer["results"][0]["product"]["id"] == product
        assert answer["searched_box"] == [float(side) for side in box.split(",")]
        assert answer["image_token"] == token


def test_a_search_with_its_own_box_looks_for_no_items(
    client: FlaskClient, two_products: bytes
) -> None:
    answer = post(client, two_products, box="0.05,0.1,0.45,0.9").get_json()
    assert answer["objects"] == [] and answer["took_ms"]["detect"] == 0


def test_an_item_is_searched_by_its_number(client: FlaskClient, two_products: bytes) -> None:
    first = post(client, two_products).get_json()
    assert first["searched_box"] in [item["box"] for item in first["objects"]]
    for item in first["objects"]:
        answer = search(client, image_token=first["image_token"], item=str(item["id"])).get_json()
        assert answer["searched_box"] == item["box"]


def test_the_shops_own_picture_is_searched_whole(client: FlaskClient) -> None:
    own = (SAMPLE / "products" / "mug-001.webp").read_bytes()
    answer = post(client, own).get_json()
    assert answer["searched_box"] == WHOLE
    assert answer["results"][0]["product"]["id"] == "mug-001"
    assert answer["results"][0]["distance"] == 0


def test_every_stage_is_timed(client: FlaskClient, mug_photo: bytes) -> None:
    times = post(client, mug_photo).get_json()["took_ms"]
    assert set(times) == {"detect", "choose", "decode", "embed", "search", "total"}
    assert all(time > 0 for time in times.values())


def test_the_photo_of_an_old_token_is_gone(client: FlaskClient) -> None:
    old = "a" * 32
    assert_problem(search(client, image_token=old), 410, "image_token_gone")
    detect = client.post("/api/v1/detect", data={"image_token": old})
    assert_problem(detect, 410, "image_token_gone")


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "a" * 31 + "/"])
def test_what_is_no_token_is_refused(client: FlaskClient, token: str) -> None:
    assert_problem(search(client, image_token=token), 400, "invalid_query")
    detect = client.post("/api/v1/detect", data={"image_token": token})
    assert_problem(detect, 400, "invalid_query")


@pytest.mark.parametrize(
    "box",
    ["1", "0,0,1", "0,0,1,1,1", "a,b,c,d", "0.5,0,0.5,1", "0.9,0,0.1,1", "-1,0,1,1", "0,0,1,1.01",
     "nan,0,1,1", "0,0,inf,1", "0,0,1e-9,1e-9"],
)  # fmt: skip
def test_a_box_that_is_none_is_refused(client: FlaskClient, mug_photo: bytes, box: str) -> None:
    assert_problem(post(client, mug_photo, box=box), 400, "invalid_query")


@pytest.mark.parametrize("item", ["-1", "99", "first", "1.0", "9" * 40])
def test_an_item_that_is_not_there_is_refused(
    client: FlaskClient, mug_photo: bytes, item: str
) -> None:
    assert_problem(post(client, mug_photo, item=item), 400, "invalid_query")


def test_contradictions_are_refused(client: FlaskClient, mug_photo: bytes) -> None:
    token = post(client, mug_photo).get_json()["image_token"]
    both = post(client, mug_photo, image_token=token, item="0")
    assert_problem(both, 400, "invalid_query")
    assert_problem(post(client, mug_photo, box="0,0,1,1", item="0"), 400, "invalid_query")


def test_a_refused_photo_is_not_kept(client: FlaskClient, settings: Settings) -> None:
    assert post(client, b"no picture").status_code == 415
    assert not settings.photos.exists() or not list(settings.photos.iterdir())


def test_without_yolos_weights_regions_stand_in_and_the_page_says_so(
    settings: Settings, service: SearchService, mug_photo: bytes, tmp_path: Path
) -> None:
    missing = replace(settings, detector="yolo", detector_weights=tmp_path / "none.pt")
    app = create_app(missing, service=service)
    app.test_client_class = TidyClient
    client = app.test_client()
    answer = client.post(
        "/api/v1/detect", data={"image": (io.BytesIO(mug_photo), "x.png")}
    ).get_json()
    assert answer["detector"] == "regions" and answer["automatic"] is False
    page = client.get("/search?example=mug-on-counter").text
    assert "Automatic items are unavailable" in page and "Search this area" in page


def test_without_any_detector_the_whole_picture_is_the_item(
    settings: Settings, service: SearchService, mug_photo: bytes
) -> None:
    app = create_app(settings, service=service)
    app.test_client_class = TidyClient
    answer = post(app.test_client(), mug_photo).get_json()
    assert [item["box"] for item in answer["objects"]] == [WHOLE]
    assert answer["searched_box"] == WHOLE


def test_the_page_without_javascript_has_one_form_for_each_item(
    client: FlaskClient, two_products: bytes
) -> None:
    form = {"image": (io.BytesIO(two_products), "x.png")}
    page = client.post("/search", data=form, follow_redirects=True)
    assert page.text.count('name="item"') >= 2
    for side in ("left", "top", "right", "bottom"):
        assert page.text.count(f'type="number" name="{side}"') == 1


def test_an_area_of_the_page_is_searched_and_nudged(client: FlaskClient) -> None:
    area = "left=10&top=20&right=50&bottom=60"
    page = client.get(f"/search?example=scene-table&{area}")
    assert page.status_code == 200 and "the chosen area" in page.text
    moved = client.get(f"/search?example=scene-table&{area}&nudge=right")
    assert moved.headers["Location"].endswith("left=15.0&top=20.0&right=55.0&bottom=60.0")
    edge = "left=60&top=0&right=100&bottom=60"
    stuck = client.get(f"/search?example=scene-table&{edge}&nudge=right")
    assert stuck.headers["Location"].endswith("left=60.0&top=0.0&right=100.0&bottom=60.0")


@pytest.mark.parametrize(
    "query", ["left=10", "left=a&top=0&right=9&bottom=9", "left=50&top=0&right=10&bottom=9",
              "left=0&top=0&right=101&bottom=9", "item=99", "item=x",
              "left=0&top=0&right=9&bottom=9&nudge=sideways"],
)  # fmt: skip
def test_a_wrong_area_is_explained_on_the_page(client: FlaskClient, query: str) -> None:
    page = client.get(f"/search?example=scene-table&{query}")
    assert page.status_code == 400 and 'role="alert"' in page.text


def test_a_page_of_an_expired_photo_asks_for_it_again(client: FlaskClient) -> None:
    page = client.get("/search?photo=" + "a" * 32)
    assert page.status_code == 410 and 'type="file"' in page.text
    assert client.get("/photos/" + "a" * 32).status_code == 410


def test_a_kept_photo_is_shown_only_to_who_has_its_token(
    client: FlaskClient, mug_photo: bytes
) -> None:
    token = post(client, mug_photo).get_json()["image_token"]
    shown = client.get(f"/photos/{token}")
    assert shown.mimetype == "image/webp" and "private" in shown.headers["Cache-Control"]
