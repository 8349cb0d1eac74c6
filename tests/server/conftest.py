"""A small true shop: twelve sample products, the default extractor, a real store."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.extractors import load_extractor
from features.images import PictureLimits
from features.search import SearchService
from features.store import StoreSet
from server import create_app
from server.config import Settings
from server.services.imports import Imports
from server.traffic.admission import Gate
from tests.shop import SAMPLE, make_shop_store

KEY = "a key that nobody guesses"
LIMITS = PictureLimits(max_bytes=2_000_000, max_pixels=4_000_000)


class TidyClient(FlaskClient):
    """Closes both ends of every exchange, as a server does; the plain test client leaves them."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **{**kwargs, "buffered": True})
        response.request.input_stream.close()
        return response


def said_by(answer: TestResponse) -> dict[str, Any]:
    """What an answer of the API says, but for the id of its request."""
    said: dict[str, Any] = answer.get_json()
    del said["request_id"]
    return said


@pytest.fixture(scope="session")
def shop_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop_store(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def service(shop_store: Path) -> SearchService:
    return SearchService(shop_store, load_extractor(), limits=LIMITS)


@pytest.fixture
def settings(shop_store: Path, tmp_path: Path) -> Settings:
    return Settings(
        store=shop_store,
        detector="none",
        photos=tmp_path / "photos",
        thumbnails=tmp_path / "thumbnails",
        max_bytes=LIMITS.max_bytes,
        max_pixels=LIMITS.max_pixels,
        results=6,
        rate="100000 per minute",
        key_rate="100000 per minute",
        examples=SAMPLE / "photos.csv",
        shop_name="Corner Shop",
    )


@pytest.fixture
def app(settings: Settings, service: SearchService) -> Flask:
    app = create_app(settings, service=service)
    app.test_client_class = TidyClient
    return app


@contextmanager
def computing_app(settings: Settings, service: SearchService) -> Iterator[Flask]:
    """An application that computes for another request."""
    app = create_app(settings, service=service)
    app.test_client_class = TidyClient
    gate: Gate = app.extensions["gates"]["api.search"]
    gate.enter(1.0)
    yield app
    gate.leave()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def own_store(shop_store: Path, tmp_path: Path) -> Path:
    """A copy of the shop's store that a test may change."""
    copy = tmp_path / "stores" / "efficientnet_lite2_shop"
    shutil.copytree(shop_store, copy)
    StoreSet(copy.parent).add(copy.name, copy)
    return copy.parent


@pytest.fixture
def own_settings(settings: Settings, own_store: Path) -> Settings:
    return replace(
        settings, store=own_store, pictures=SAMPLE, admin_key=KEY, video_max_bytes=100_000
    )


@pytest.fixture
def own_app(own_settings: Settings) -> Flask:
    """An application whose catalogue may be changed, by whoever knows the key."""
    app = create_app(own_settings)
    app.test_client_class = TidyClient
    return app


@pytest.fixture
def admin(own_app: Flask) -> FlaskClient:
    """A client that sends the admin key."""
    client = own_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return client


@pytest.fixture
def imports(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Imports:
    """The application's jobs, not started; what starts them is told in `test_live_server`."""
    imports: Imports = own_app.extensions["imports"]
    monkeypatch.setattr(imports, "start", lambda: None)
    return imports


@pytest.fixture
def mug_photo() -> bytes:
    return (SAMPLE / "photos" / "mug-on-counter.webp").read_bytes()
