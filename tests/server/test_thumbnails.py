"""Small pictures of the catalogue: their sizes, their forms, and what is kept of them."""

import io
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from features.images import PictureLimits, content_hash
from features.search import SearchService
from features.store import StoreWriter
from features.types import GalleryPicture, Product
from server import create_app
from server.config import Settings
from server.pictures.thumbnails import WIDTHS, ThumbnailShelf, make_thumbnail
from tests.helpers import drawing, encoded
from tests.server.conftest import TidyClient
from tests.server.test_search_api import post

WEBP = {"Accept": "image/avif,image/webp,image/*;q=0.8,*/*;q=0.5"}


@pytest.fixture
def thumbnail_url(client: FlaskClient, mug_photo: bytes) -> str:
    url: str = post(client, mug_photo, limit="1").get_json()["results"][0]["thumbnail_url"]
    return url


@pytest.fixture
def digest(service: SearchService) -> str:
    return next(iter(service.view.by_content))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_an_answer_leads_to_a_small_picture(client: FlaskClient, thumbnail_url: str) -> None:
    answer = client.get(thumbnail_url, headers=WEBP)
    assert answer.status_code == 200 and opened(answer.data).width == 320


@pytest.mark.parametrize("width", WIDTHS)
def test_each_width_is_served_and_nothing_is_enlarged(
    client: FlaskClient, service: SearchService, digest: str, width: int
) -> None:
    small = opened(client.get(f"/pictures/{digest}/{width}").data)
    assert small.width == min(width, opened(service.picture(digest)).width)


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (WEBP["Accept"], "image/webp"),
        ("image/webp", "image/webp"),
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        ("image/webp;q=0, image/*", "image/jpeg"),
        ("", "image/jpeg"),
    ],
)
def test_webp_is_for_who_names_it(
    client: FlaskClient, digest: str, accept: str, mimetype: str
) -> None:
    answer = client.get(f"/pictures/{digest}/160", headers={"Accept": accept})
    assert answer.mimetype == mimetype
    assert opened(answer.data).format == mimetype.removeprefix("image/").upper()
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("address", ["/pictures/{}", "/pictures/{}/160"])
def test_a_picture_is_kept_for_ever_and_confirmed_by_its_tag(
    client: FlaskClient, digest: str, address: str
) -> None:
    first = client.get(address.format(digest), headers=WEBP)
    cached = first.cache_control
    assert cached.public and cached.immutable and cached.max_age == 365 * 24 * 3600
    tag = first.headers["ETag"]
    again = client.get(address.format(digest), headers={**WEBP, "If-None-Match": tag})
    assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == tag


def test_webp_and_jpeg_have_tags_of_their_own(client: FlaskClient, digest: str) -> None:
    address = f"/pictures/{digest}/160"
    tags = {client.get(address, headers=h).headers["ETag"] for h in (WEBP, {"Accept": "*/*"})}
    assert len(tags) == 2


@pytest.mark.parametrize("width", ["0", "161", "-160", "99999", "0160x", "320.0", "", "../160"])
def test_no_other_width_is_made(
    client: FlaskClient, settings: Settings, digest: str, width: str
) -> None:
    assert client.get(f"/pictures/{digest}/{width}").status_code == 404
    assert not settings.thumbnails.exists()


@pytest.mark.parametrize("name", ["0" * 32, "z" * 32, "..%2f" * 6 + "ab", "0" * 31])
def test_a_picture_that_the_store_does_not_know_has_no_thumbnail(
    client: FlaskClient, settings: Settings, name: str
) -> None:
    assert client.get(f"/pictures/{name}/160").status_code == 404
    assert not settings.thumbnails.exists()


def test_a_thumbnail_is_made_once(client: FlaskClient, settings: Settings, digest: str) -> None:
    first = client.get(f"/pictures/{digest}/160")
    (kept,) = (path for path in settings.thumbnails.rglob("*") if path.is_file())
    assert kept.read_bytes() == first.data
    kept.write_bytes(b"as it is kept")
    assert client.get(f"/pictures/{digest}/160").data == b"as it is kept"


def test_what_is_kept_of_a_picture_that_left_the_catalogue_is_not_served(
    client: FlaskClient, settings: Settings
) -> None:
    gone = "0" * 32
    ThumbnailShelf(settings.thumbnails, 10_000).put(f"{gone}-160-1.jpeg", b"kept")
    assert client.get(f"/pictures/{gone}/160").status_code == 404


def test_a_folder_that_cannot_be_written_costs_no_answer(
    settings: Settings, service: SearchService, digest: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    app = create_app(replace(settings, thumbnails=tmp_path / "file" / "below"), service=service)
    app.test_client_class = TidyClient
    assert app.test_client().get(f"/pictures/{digest}/160").status_code == 200


def test_a_file_that_changed_since_is_shown_but_not_kept(
    settings: Settings, service: SearchService, tmp_path: Path
) -> None:
    client, digest, path = shop_of_one(settings, service, tmp_path)
    path.write_bytes(encoded(drawing(2, (400, 300))))
    for address in (f"/pictures/{digest}", f"/pictures/{digest}/160"):
        answer = client.get(address)
        assert answer.status_code == 200 and "ETag" not in answer.headers
        assert not answer.cache_control.immutable and answer.cache_control.max_age == 60
    assert not settings.thumbnails.exists()


def test_what_browsers_cannot_show_is_made_into_webp_once(
    settings: Settings, service: SearchService, tmp_path: Path
) -> None:
    client, digest, path = shop_of_one(settings, service, tmp_path, "TIFF")
    first = client.get(f"/pictures/{digest}")
    assert (first.mimetype, opened(first.data).size) == ("image/webp", (400, 300))
    (kept,) = (file for file in settings.thumbnails.rglob("*") if file.is_file())
    kept.write_bytes(b"as it is kept")
    assert client.get(f"/pictures/{digest}").data == b"as it is kept"
    path.write_bytes(encoded(drawing(2, (200, 100)), "TIFF"))
    assert opened(client.get(f"/pictures/{digest}").data).size == (200, 100)


def shop_of_one(
    settings: Settings, service: SearchService, folder: Path, form: str = "PNG"
) -> tuple[FlaskClient, str, Path]:
    path = folder / "one.png"
    path.write_bytes(encoded(drawing(1, (400, 300)), form))
    digest = content_hash(path.read_bytes())
    spec = service.extractor.spec
    vectors = service.view.vector(0)[None]
    with StoreWriter(folder / "one", spec, folder) as writer:
        writer.append([GalleryPicture("one", "one.png", digest)], vectors, [Product("one")])
    app = create_app(settings, service=SearchService(folder / "one", service.extractor))
    app.test_client_class = TidyClient
    return app.test_client(), digest, path


def test_the_results_page_offers_every_width_and_room_for_each_picture(
    client: FlaskClient,
) -> None:
    page = client.get("/search?example=mug-on-counter").text
    card = page[page.index('class="product"') :]
    image = card[card.index("<img") : card.index(">", card.index("<img"))]
    assert 'width="320"' in image and 'height="320"' in image and "sizes=" in image
    assert all(f"/{width} {width}w" in image for width in WIDTHS)


def test_a_very_tall_picture_stays_small() -> None:
    tall = encoded(drawing(3, (300, 9_000)))
    small = opened(make_thumbnail(tall, 320, "image/jpeg", PictureLimits()))
    assert small.height == 960 and small.width == 32


def test_the_shelf_keeps_within_its_room_and_lets_the_longest_unused_go(tmp_path: Path) -> None:
    shelf = ThumbnailShelf(tmp_path, max_bytes=10_000)
    now = time.time()
    for number in range(10):
        name = f"{number:02}-160-1.webp"
        shelf.put(name, bytes(1_000))
        os.utime(tmp_path / name[:2] / name, times=(now - 10_000 + number,) * 2)
    assert shelf.get("00-160-1.webp") is not None  # used again: the last to go now
    for number in range(10, 14):
        shelf.put(f"{number:02}-160-1.webp", bytes(1_000))
    left = sorted(path.name for path in tmp_path.rglob("*.webp"))
    assert len(left) <= 10 and "00-160-1.webp" in left and "13-160-1.webp" in left
    assert "01-160-1.webp" not in left and "02-160-1.webp" not in left


def test_the_shelf_sweeps_what_earlier_processes_left(tmp_path: Path) -> None:
    earlier = ThumbnailShelf(tmp_path, max_bytes=100_000)
    for number in range(20):
        earlier.put(f"{number:02}-160-1.webp", bytes(1_000))
    ThumbnailShelf(tmp_path, max_bytes=5_000).put("99-160-1.webp", bytes(1_000))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.webp")) <= 5_000
