"""`POST /api/v1/search` as a caller meets it."""

import io
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from features.extractors import load_extractor
from features.search import SearchService
from features.store import StoreWriter
from server import create_app
from server.config import Settings
from tests.helpers import picture
from tests.server.conftest import LIMITS


def post(client: FlaskClient, photo: bytes, name: str = "photo.jpg", **fields: str) -> TestResponse:
    data: dict[str, Any] = {"image": (io.BytesIO(photo), name), **fields}
    return client.post("/api/v1/search", data=data)


def encoded(size: tuple[int, int], format_name: str = "PNG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format_name)
    return buffer.getvalue()


def test_a_photo_finds_its_kind_of_product(client: FlaskClient, mug_photo: bytes) -> None:
    answer = post(client, mug_photo).get_json()
    assert answer["results"][0]["product"]["category"] == "Mugs"
    assert answer["extractor"] == "efficientnet_lite2_shop"


def test_an_answer_has_everything_a_storefront_shows(client: FlaskClient, mug_photo: bytes) -> None:
    hit = post(client, mug_photo, limit="1").get_json()["results"][0]
    assert set(hit) == {
        "product",
        "image_url",
        "thumbnail_url",
        "time_s",
        "distance",
        "similarity",
        "fallback",
    }
    assert 0 <= hit["similarity"] <= 100
    product = hit["product"]
    assert product["id"] and product["title"] and product["url"].startswith("https://")
    assert Decimal(product["price"]) > 0 and product["currency"] == "EUR"
    assert set(product["attributes"]) == {"color", "pattern"}


def test_results_come_nearest_first_and_one_for_each_product(
    client: FlaskClient, mug_photo: bytes
) -> None:
    results = post(client, mug_photo, limit="100").get_json()["results"]
    distances = [hit["distance"] for hit in results]
    assert distances == sorted(distances)
    assert len({hit["product"]["id"] for hit in results}) == len(results) == 12


def test_a_catalogue_picture_finds_itself_at_distance_zero(
    client: FlaskClient, mug_photo: bytes
) -> None:
    shown = post(client, mug_photo, limit="1").get_json()["results"][0]
    picture = client.get(shown["image_url"])
    again = post(client, picture.data, limit="1").get_json()["results"][0]
    assert again["product"]["id"] == shown["product"]["id"]
    assert again["distance"] == 0


def test_the_limit_is_kept_and_has_a_default(client: FlaskClient, mug_photo: bytes) -> None:
    assert len(post(client, mug_photo, limit="3").get_json()["results"]) == 3
    assert len(post(client, mug_photo).get_json()["results"]) == 6


@pytest.mark.parametrize(
    "limit", ["0", "-1", "101", "ten", "1.5", "٣", "9" * 5000, f"000000001{'0' * 5000}"]
)
def test_a_limit_out_of_range_is_refused(client: FlaskClient, mug_photo: bytes, limit: str) -> None:
    answer = post(client, mug_photo, limit=limit)
    assert_problem(answer, 400, "invalid_query")


BAD_PHOTOS = {
    "zero bytes": (b"", 400, "empty_picture"),
    "text renamed": (b"id,title\n1,Mug\n", 415, "not_a_picture"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_a_picture"),
    "SVG with a prologue": (b"<?xml version='1.0'?><svg/>", 415, "not_a_picture"),
    "PDF": (b"%PDF-1.7\n1 0 obj", 415, "not_a_picture"),
    "web page": (b"<!DOCTYPE html><title>404</title>", 415, "not_a_picture"),
    "ZIP": (b"PK\x03\x04" + bytes(60), 415, "not_a_picture"),
    "program": (b"\x7fELF" + bytes(60), 415, "not_a_picture"),
    "zeros": (bytes(10_000), 415, "not_a_picture"),
    "truncated JPEG": (encoded((400, 400), "JPEG")[:600], 422, "broken_picture"),
    "truncated PNG": (encoded((400, 400))[:-40], 422, "broken_picture"),
    "truncated WebP": (encoded((400, 400), "WEBP")[:30], 422, "broken_picture"),
    "JPEG header only": (b"\xff\xd8\xff\xe0", 415, "not_a_picture"),
    "one pixel": (encoded((1, 1)), 422, "picture_too_small"),
    "one row": (encoded((400, 1)), 422, "picture_too_small"),
    "50,000 pixels wide": (encoded((50_000, 10), mode="1"), 413, "too_many_pixels"),
    "too many pixels": (encoded((2_100, 2_100), mode="1"), 413, "too_many_pixels"),
    "decompression bomb": (encoded((19_000, 19_000), mode="1"), 413, "too_many_pixels"),
    "too many bytes": (bytes(2_010_000), 413, "picture_too_large"),
    "far too many bytes": (bytes(5_000_000), 413, "picture_too_large"),
}


@pytest.mark.parametrize("kind", BAD_PHOTOS)
def test_a_bad_photo_is_refused_with_its_cause(client: FlaskClient, kind: str) -> None:
    photo, status, code = BAD_PHOTOS[kind]
    problem = assert_problem(post(client, photo), status, code)
    assert len(problem["detail"]) > 20


@pytest.mark.parametrize("kind", BAD_PHOTOS)
def test_the_page_refuses_a_bad_photo_with_the_same_words(client: FlaskClient, kind: str) -> None:
    photo, status, _ = BAD_PHOTOS[kind]
    page = client.post("/search", data={"image": (io.BytesIO(photo), "x.jpg")})
    assert page.status_code == status
    assert 'role="alert"' in page.text and 'type="file"' in page.text


def test_a_photo_just_within_the_byte_limit_is_searched(client: FlaskClient) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (800, 800, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    assert 1_900_000 < len(buffer.getvalue()) < LIMITS.max_bytes
    assert post(client, buffer.getvalue()).status_code == 200


def test_a_request_without_a_photo_is_told_the_field(client: FlaskClient) -> None:
    for data in ({}, {"image": "text"}, {"picture": (io.BytesIO(b"x"), "x.jpg")}):
        answer = client.post("/api/v1/search", data=data)
        assert "image" in assert_problem(answer, 400, "missing_image")["detail"]


def test_a_body_that_is_no_form_is_told_the_field(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search", data=b"\x00\x01", content_type="image/jpeg")
    assert_problem(answer, 400, "missing_image")


def test_a_broken_multipart_body_is_no_server_error(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/search", data=b"--x\r\nbroken", content_type="multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500


def test_the_name_a_client_claims_is_never_used(client: FlaskClient, mug_photo: bytes) -> None:
    for name in ("../../etc/passwd", "photo.exe", "\u202egpj.exe", "a" * 5000):
        assert post(client, mug_photo, name).status_code == 200


def test_wrong_addresses_and_methods_below_the_api_are_problems_too(client: FlaskClient) -> None:
    assert_problem(client.get("/api/v1/nothing"), 404, "not_found")
    assert_problem(client.get("/api/v1/detect"), 405, "method_not_allowed")


def test_an_empty_store_says_so(tmp_path: Path, mug_photo: bytes) -> None:
    extractor = load_extractor()
    StoreWriter(tmp_path / "store", extractor.spec, tmp_path).close()
    service = SearchService(tmp_path / "store", extractor)
    client = create_app(
        Settings(store=tmp_path / "store", detector="none", photos=tmp_path / "photos"),
        service=service,
    ).test_client()
    assert_problem(post(client, mug_photo), 503, "store_empty")


def test_a_missing_store_is_no_secret_but_its_folder_is(tmp_path: Path, mug_photo: bytes) -> None:
    client = create_app(
        Settings(store=tmp_path / "nowhere", detector="none", photos=tmp_path / "photos")
    ).test_client()
    problem = assert_problem(post(client, mug_photo), 503, "store_not_found")
    assert "nowhere" not in problem["detail"]


def test_an_unexpected_error_tells_nothing_of_the_inside(
    app: Flask, mug_photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(SearchService, "search", fail)
    answer = post(app.test_client(), mug_photo)
    assert "secret" not in assert_problem(answer, 500, "internal_error")["detail"]


def assert_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.get_json()
    assert problem["status"] == status and problem["code"] == code
    assert problem["title"] and problem["detail"]
    return problem


def test_without_a_detector_damage_behind_the_header_is_refused_by_every_way_in(
    client: FlaskClient,
) -> None:
    whole = picture(3)
    torn = whole[: len(whole) // 2]
    for path in ("/api/v1/search", "/api/v1/detect"):
        answer = client.post(path, data={"image": (io.BytesIO(torn), "torn.png")})
        assert (answer.status_code, answer.get_json()["code"]) == (422, "broken_picture")
    assert client.post("/search", data={"image": (io.BytesIO(torn), "torn.png")}).status_code == 422


def test_a_photo_stays_in_memory_and_a_larger_form_goes_to_disk(app: Flask) -> None:
    app.config["PHOTO_MEMORY_BYTES"] = 600_000  # more than werkzeug itself keeps in memory
    for size, in_memory in ((550_000, True), (650_000, False)):
        form = {"image": (io.BytesIO(bytes(size)), "photo.jpg")}
        with app.test_request_context("/x", method="POST", data=form) as context:
            context.request.max_content_length = 1_000_000
            stream = context.request.files["image"].stream
            assert isinstance(stream, io.BytesIO) is in_memory
            stream.close()
            context.request.input_stream.close()


def test_distances_are_told_in_the_metric_of_the_store(
    tmp_path: Path, client: FlaskClient, service: SearchService, mug_photo: bytes
) -> None:
    """The same store told by cosines: 1 - cos is half the square of the Euclidean distance."""
    euclidean = post(client, mug_photo, limit="6").get_json()
    cosine = tmp_path / "store"
    shutil.copytree(service.view.folder, cosine)
    manifest = json.loads((cosine / "manifest.json").read_text(encoding="utf-8"))
    (cosine / "manifest.json").write_text(json.dumps(manifest | {"metric": "cosine"}), "utf-8")
    settings = Settings(store=cosine, detector="none", photos=tmp_path / "photos")
    other = create_app(settings, service=SearchService(cosine, service.extractor))
    told = post(other.test_client(), mug_photo, limit="6").get_json()
    assert (euclidean["metric"], told["metric"]) == ("euclidean", "cosine")
    halves = [hit["distance"] ** 2 / 2 for hit in euclidean["results"]]
    assert [hit["distance"] for hit in told["results"]] == pytest.approx(halves)


def test_text_where_a_photo_should_be_is_refused_though_another_photo_is_there(
    client: FlaskClient, mug_photo: bytes
) -> None:
    token = post(client, mug_photo).get_json()["image_token"]
    answer = client.post("/api/v1/search", data={"image": "a photo", "image_token": token})
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "missing_image"
