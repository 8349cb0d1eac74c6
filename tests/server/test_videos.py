"""Searching with videos over HTTP, and products that are found by theirs."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow
from werkzeug.test import TestResponse

from features.catalog import read_catalog
from features.extractors import Extractor
from features.pictures import PictureSource, Vault
from features.pipeline import build_store
from features.search import open_service
from features.types import Image
from scripts.clips import AVI, MOV, WEBM, clip, pan, still, write_clip
from server import create_app
from server.config import Settings
from tests.helpers import drawing, encoded
from tests.server.conftest import LIMITS, TidyClient
from tests.shop import SAMPLE

SIZE = (160, 96)


def mug() -> Image:
    return Pillow.open(SAMPLE / "products" / "mug-001.webp").convert("RGB")


def searched(client: FlaskClient, data: bytes, name: str = "clip.mp4", **form: str) -> TestResponse:
    return client.post("/api/v1/search", data={"image": (io.BytesIO(data), name), **form})


@pytest.fixture
def mug_clip() -> bytes:
    return clip(pan(mug(), (320, 240), 20), MOV)


def test_a_video_finds_its_product(client: FlaskClient, mug_clip: bytes) -> None:
    answer = searched(client, mug_clip)
    assert answer.status_code == 200
    said = answer.get_json()
    assert said["results"][0]["product"]["id"] == "mug-001"
    assert 0 <= said["video_s"] < 0.8
    assert [item["label"] for item in said["objects"]] == ["whole picture"]
    assert said["results"][0]["time_s"] is None


def test_a_photo_is_no_video(client: FlaskClient) -> None:
    assert searched(client, encoded(mug())).get_json()["video_s"] is None


def test_a_kept_video_is_searched_again_by_its_token(client: FlaskClient, mug_clip: bytes) -> None:
    first = searched(client, mug_clip).get_json()
    again = client.post("/api/v1/search", data={"image_token": first["image_token"]}).get_json()
    assert again["results"] == first["results"]


def test_a_part_of_the_best_frame_is_searched(client: FlaskClient, mug_clip: bytes) -> None:
    said = searched(client, mug_clip, box="0.2,0.1,0.8,0.9").get_json()
    assert said["searched_box"] == [0.2, 0.1, 0.8, 0.9]
    assert searched(client, mug_clip, item="1").status_code == 400


def test_several_seeds_may_be_videos(client: FlaskClient, mug_clip: bytes) -> None:
    answer = client.post(
        "/api/v1/search",
        data={"image": [(io.BytesIO(mug_clip), "a.mov"), (io.BytesIO(encoded(mug())), "b.png")]},
    )
    assert answer.get_json()["results"][0]["product"]["id"] == "mug-001"


def test_the_best_frame_is_shown_for_the_video(client: FlaskClient, mug_clip: bytes) -> None:
    token = searched(client, mug_clip).get_json()["image_token"]
    shown = client.get(f"/photos/{token}")
    assert Pillow.open(io.BytesIO(shown.data)).size == (320, 240)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"\0\0\0\x18ftypisom" + b"rubbish" * 99, 422, "broken_video"),
        (b"RIFF\0\0\0\0AVI " + b"\0" * 500, 422, "broken_video"),
        (b"only words", 415, "not_a_picture"),
        (b"", 400, "empty_picture"),
    ],
)
def test_what_is_no_video_is_refused(
    client: FlaskClient, data: bytes, status: int, code: str
) -> None:
    answer = searched(client, data)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


@pytest.fixture
def strict(settings: Settings, shop_store: Path) -> FlaskClient:
    """With small limits on videos."""
    app = create_app(replace(settings, video_seconds=1, video_max_bytes=3_000_000))
    app.test_client_class = TidyClient
    return app.test_client()


def test_limits_on_videos_are_told(strict: FlaskClient) -> None:
    long = searched(strict, clip(still(drawing(1, SIZE), SIZE, 40), AVI))
    assert (long.status_code, long.get_json()["code"]) == (413, "video_too_long")
    assert "at most 1" in long.get_json()["detail"]
    large = searched(strict, clip([drawing(1, SIZE)], AVI) + bytes(3_100_000))
    assert (large.status_code, large.get_json()["code"]) == (413, "video_too_large")


def test_a_video_may_be_larger_than_a_photo(strict: FlaskClient) -> None:
    video = clip([mug()], AVI) + bytes(LIMITS.max_bytes)
    assert searched(strict, video).status_code == 200
    photo = searched(strict, encoded(mug()) + bytes(LIMITS.max_bytes))
    assert (photo.status_code, photo.get_json()["code"]) == (413, "picture_too_large")


def test_without_pyav_the_page_offers_no_videos(
    client: FlaskClient, mug_clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    monkeypatch.setattr("server.config.videos_installed", lambda: False)
    answer = searched(client, mug_clip)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "videos_unavailable")
    assert "requirements-video.txt" in answer.get_json()["detail"]
    assert b"video/*" not in client.get("/").data


@pytest.fixture
def clips(tmp_path: Path, settings: Settings, extractor: Extractor) -> FlaskClient:
    """A shop whose catalogue is a folder of clips."""
    root = tmp_path / "clips"
    write_clip(root / "hats" / "hat.webm", pan(drawing(1, SIZE), SIZE, 12), WEBM)
    write_clip(root / "shoes" / "boot.avi", pan(drawing(2, SIZE), SIZE, 30), AVI)
    store = tmp_path / "store"
    vault = Vault(store / "pictures")
    catalog = read_catalog(root)
    build_store(catalog, PictureSource(catalog.pictures, vault), store, extractor)
    app: Flask = create_app(
        replace(settings, store=store), service=open_service(store, vault=vault)
    )
    app.test_client_class = TidyClient
    return app.test_client()


def test_a_product_is_shown_by_its_videos_best_frame(clips: FlaskClient) -> None:
    hit = searched(clips, encoded(drawing(2, SIZE)), "photo.png").get_json()["results"][0]
    assert hit["product"]["category"] == "shoes"
    assert 0 <= hit["time_s"] < 1.2
    for address in (hit["image_url"], hit["thumbnail_url"]):
        shown = clips.get(address)
        assert shown.status_code == 200
        assert Pillow.open(io.BytesIO(shown.data)).size == SIZE


def test_a_video_of_the_catalogue_finds_itself(clips: FlaskClient) -> None:
    found = searched(clips, clip(pan(drawing(1, SIZE), SIZE, 12), WEBM)).get_json()["results"]
    assert found[0]["product"]["id"] == "hats/hat"
    assert found[0]["distance"] < 0.05
