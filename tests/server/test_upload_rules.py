"""Uploads as OWASP's File Upload Cheat Sheet wants them: the bytes count, and no name."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow
from werkzeug.test import create_environ, run_wsgi_app

from features.images import read_picture
from server import create_app
from server.config import Settings
from tests.helpers import encoded, picture
from tests.server.conftest import TidyClient
from tests.server.test_search_api import assert_problem

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>alert(1)</script>"
_UNSAFE_NAMES = [
    "../../../outside.webp",
    "..\\..\\outside.webp",
    "/tmp/outside.webp",
    "a.webp\x00.php",
    "con",
    ".htaccess",
    "x" * 5_000 + ".webp",
    "\u202egpj.exe",
]


def send(client: FlaskClient, data: bytes, name: str, kind: str = "image/webp") -> int:
    sent = {"image": (io.BytesIO(data), name, kind)}
    return client.post("/api/v1/search", data=sent).status_code


@pytest.mark.parametrize("data", [SVG, PAGE, b"<?php system($_GET['c']);", b"MZ" + bytes(100)])
def test_a_name_and_a_type_make_no_picture(client: FlaskClient, data: bytes) -> None:
    assert send(client, data, "photo.jpg", "image/jpeg") == 415


@pytest.mark.parametrize("name", ["page.html", "shell.php.jpg", "photo.exe", "photo"])
def test_a_picture_is_one_whatever_it_is_called(
    client: FlaskClient, mug_photo: bytes, name: str
) -> None:
    assert send(client, mug_photo, name, "text/html") == 200


@pytest.mark.parametrize("name", _UNSAFE_NAMES)
def test_no_name_becomes_a_path(
    client: FlaskClient, mug_photo: bytes, settings: Settings, name: str
) -> None:
    assert send(client, mug_photo, name) == 200
    (kept,) = settings.photos.iterdir()
    assert len(kept.name) == 32
    assert kept.name.replace("-", "").replace("_", "").isalnum()
    assert [path.name for path in settings.photos.parent.iterdir()] == ["photos"]


def test_what_hides_behind_a_picture_is_never_given_out(
    client: FlaskClient, settings: Settings
) -> None:
    """A picture with a page at its end is a picture; what is shown of it is painted anew."""
    answer = client.post("/search", data={"image": (io.BytesIO(picture(1) + PAGE), "a.png")})
    token = answer.headers["Location"].rpartition("=")[2]
    shown = client.get(f"/photos/{token}")
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert b"script" not in shown.data
    assert PAGE in read_picture(settings.photos / token)


def test_a_body_that_is_too_large_is_refused_unread(app: Flask, settings: Settings) -> None:
    class Unread(io.RawIOBase):
        """A body that ends the test when it is touched."""

        def read(self, _: int = -1) -> bytes:
            raise AssertionError("the body was read")

    large = settings.max_request_bytes + 1
    for path in ("/search", "/api/v1/search", "/api/v1/detect"):
        environ = create_environ(
            path, method="POST", content_type="multipart/form-data; boundary=x"
        )
        environ |= {"CONTENT_LENGTH": str(large), "wsgi.input": Unread()}
        _, status, _ = run_wsgi_app(app, environ, buffered=True)
        assert status.startswith("413 ")


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(
    client: FlaskClient,
) -> None:
    flat = encoded(Pillow.new("1", (3_000, 3_000)))  # 9 megapixels in a kilobyte
    assert len(flat) < 5_000
    answer = client.post("/api/v1/search", data={"image": (io.BytesIO(flat), "flat.png")})
    assert_problem(answer, 413, "too_many_pixels")


def test_every_answer_tells_browsers_to_guess_nothing(app: Flask, client: FlaskClient) -> None:
    addresses = ["/", "/search", "/api/v1/stats", "/livez", "/static/none", "/none", "/widget/a.js"]
    addresses += ["/pictures/" + "0" * 32, "/photos/none", "/admin", "/people", "/api/docs"]
    for address in addresses:
        for method in ("GET", "POST", "DELETE", "TRACE"):
            headers = client.open(address, method=method).headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            assert "frame-ancestors" in headers["Content-Security-Policy"]


def test_forms_of_other_sites_are_answered_nowhere(own_settings: Settings, tmp_path: Path) -> None:
    app = create_app(replace(own_settings, photos=tmp_path / "photos"))
    app.test_client_class = TidyClient
    client, tried = app.test_client(), 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") or not rule.methods or "POST" not in rule.methods:
            continue
        address = re.sub("<[a-z_]+>", "0" * 16, rule.rule)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
            answer = client.post(address, headers=headers)
            assert answer.status_code == 403, address
            assert "sent by another site" in answer.text
            tried += 1
    assert tried >= 16


def test_the_api_takes_no_session_of_a_page(own_app: Flask) -> None:
    """So no form of another site can use the cookie of who is signed in."""
    client = own_app.test_client()
    signed = client.post("/admin/sign-in", data={"key": own_app.extensions["settings"].admin_key})
    cookie = signed.headers["Set-Cookie"].partition(";")[0]
    answer = client.post("/api/v1/collections", headers={"Cookie": cookie}, data={"name": "x"})
    assert_problem(answer, 401, "admin_key_needed")
