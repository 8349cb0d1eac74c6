"""Who may change the catalogue."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from features.errors import ConfigError
from server import create_app
from server.config import Settings
from tests.server.conftest import KEY, TidyClient, said_by
from tests.server.test_search_api import assert_problem

CHANGES = [
    ("PUT", "/api/v1/products/mug"),
    ("DELETE", "/api/v1/products/mug"),
    ("DELETE", "/api/v1/products/mug/images/0"),
    ("POST", "/api/v1/catalog"),
    ("GET", "/api/v1/jobs"),
    ("GET", "/api/v1/jobs/1"),
    ("POST", "/api/v1/jobs/1/cancel"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_without_a_key_configured_nobody_changes_anything(
    client: FlaskClient, method: str, path: str
) -> None:
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {KEY}"}):
        answer = client.open(path, method=method, headers=header)
        assert "VISUAL_SEARCH_ADMIN_KEY" in assert_problem(answer, 403, "writes_disabled")["detail"]


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_without_the_right_key_nothing_is_changed(
    own_settings: Settings, method: str, path: str
) -> None:
    client = create_app(own_settings).test_client()
    wrong = ["", "Bearer", "Bearer ", KEY, f"Basic {KEY}", f"Bearer {KEY}x", "Bearer \xe4\xff"]
    for header in wrong:
        answer = client.open(path, method=method, headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.get_json()["code"] in {"admin_key_needed", "unknown_key"}
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert KEY not in answer.text


def test_a_key_may_have_any_letters(own_settings: Settings) -> None:
    app = create_app(replace(own_settings, admin_key="sch\u00f6ner langer Schl\u00fcssel"))
    app.test_client_class = TidyClient
    sent = "bearer  sch\u00f6ner langer Schl\u00fcssel".encode().decode("latin-1")
    answer = app.test_client().get("/api/v1/jobs", headers={"Authorization": sent})
    assert said_by(answer) == {"index_version": 1, "jobs": []}


def test_a_short_key_is_refused_and_not_told() -> None:
    for key in ("secret", "short \n", "a key with a \n line break"):
        with pytest.raises(ConfigError, match="at least 16") as caught:
            Settings.from_environment({"VISUAL_SEARCH_ADMIN_KEY": key})
        assert key not in str(caught.value)


def test_hosts_that_are_none_are_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match=r"10\.1\.0\.0/99"):
        Settings.from_environment({"VISUAL_SEARCH_ALLOWED_HOSTS": "10.1.0.0/99"})
    settings = Settings.from_environment({"VISUAL_SEARCH_ALLOWED_HOSTS": "cdn.example, 10.0.0.0/8"})
    assert settings.allowed_hosts == ("cdn.example", "10.0.0.0/8")


def test_a_key_is_in_no_description_of_the_settings() -> None:
    settings = Settings.from_environment({"VISUAL_SEARCH_ADMIN_KEY": f" {KEY}\n"})
    assert settings.admin_key == KEY
    assert KEY not in repr(settings)
