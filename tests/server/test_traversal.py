"""No text that is taken for a path leads to a file, nor brings the server into trouble."""

from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec

import pytest
from flask import Flask

from scripts.attacks.traversal import traversed
from server import create_app
from server.access.sessions import COOKIE
from server.config import PEOPLE_FOR_ALL, PEOPLE_OFF, Settings
from tests.server.conftest import KEY


@pytest.fixture
def open_app(own_settings: Settings) -> Flask:
    """An application with all of its parts switched on that can be here."""
    people = PEOPLE_FOR_ALL if find_spec("dlib") else PEOPLE_OFF
    store = own_settings.store / "people"
    return create_app(replace(own_settings, people=people, people_store=store))


def headers_of_admin(app: Flask) -> dict[str, str]:
    """Those for the API and for the pages."""
    signed = app.test_client().post("/admin/sign-in", data={"key": KEY})
    cookie = signed.headers["Set-Cookie"].partition(";")[0]
    assert cookie.startswith(f"{COOKIE}=")
    return {"Authorization": f"Bearer {KEY}", "Cookie": cookie}


@pytest.mark.parametrize(
    ("every", "least"),
    [(61, 300), pytest.param(8, 2_000, marks=pytest.mark.slow)],
    ids=["few", "some"],
)
def test_no_path_leads_to_a_file_or_into_an_error(open_app: Flask, every: int, least: int) -> None:
    addresses, parameters = traversed(open_app, headers_of_admin(open_app), every)
    assert addresses.tried >= least
    assert parameters.tried >= least // 2
    assert addresses.through == parameters.through == ()


def test_a_route_that_gives_any_file_would_be_seen(settings: Settings) -> None:
    app = Flask("careless", static_folder=None)
    app.extensions["settings"] = settings

    @app.get("/careless/<path:name>")
    def careless(name: str) -> str:
        with suppress(OSError, ValueError):
            return (settings.photos / name).read_text(encoding="utf-8")
        return ""

    addresses = next(traversed(app, {}))
    assert any(sent.startswith("GET /careless/../") for sent in addresses.through)
