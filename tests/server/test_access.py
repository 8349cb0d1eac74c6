"""Who may call: keys, pages of other origins, rates, and forms."""

import json
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from features.errors import ConfigError
from features.search import SearchService
from server import create_app
from server.access.counting import LockedMemoryStorage
from server.access.keys import KeyKind, KeyRing
from server.config import Settings
from tests.helpers import ROOT, run_python
from tests.server.conftest import TidyClient

Make = Callable[..., FlaskClient]
SHOP, OTHER = "https://shop.example", "https://other.example"


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def make(settings: Settings, service: SearchService, tmp_path: Path) -> Make:
    """A client of a server with some settings changed."""

    def made(**changes: Any) -> FlaskClient:
        changed = replace(settings, keys=tmp_path / "keys.json", **changes)
        app: Flask = create_app(changed, service=service)
        app.test_client_class = TidyClient
        return app.test_client()

    return made


def product_id(service: SearchService) -> str:
    return next(iter(service.view.products))


@pytest.fixture
def similar(service: SearchService) -> str:
    return f"/api/v1/products/{product_id(service)}/similar"


def test_the_file_of_keys_does_not_give_them_away(keys: KeyRing, tmp_path: Path) -> None:
    text = keys.create(KeyKind.PUBLIC, "shop", [SHOP])
    written = (tmp_path / "keys.json").read_text()
    assert text.startswith("vs_public_")
    assert text not in written
    assert text[10:20] not in written
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert json.loads(written)["keys"][0]["origins"] == [SHOP]


def test_keys_are_found_until_they_are_revoked(keys: KeyRing, tmp_path: Path) -> None:
    one, two = keys.create(KeyKind.ADMIN, "one"), keys.create(KeyKind.PUBLIC, "two")
    elsewhere = KeyRing(tmp_path / "keys.json")  # another worker
    found = elsewhere.find(one)
    assert found is not None
    assert (found.kind, found.name) == (KeyKind.ADMIN, "one")
    keys.revoke(found.id)
    assert elsewhere.find(one) is None
    assert elsewhere.find(two) is not None
    assert elsewhere.find("") is None
    with pytest.raises(ConfigError, match="no key"):
        keys.revoke("nothing")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2, "keys": []}', '{"format": 1}', "[" * 100_000]
)
def test_a_damaged_file_of_keys_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(ConfigError, match="cannot be read"):
        KeyRing(tmp_path / "keys.json")


def test_keys_in_a_folder_that_is_a_file_are_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be read"):
        KeyRing(tmp_path / "shop" / "keys.json")


def test_where_no_key_can_be_kept_the_way_out_is_told(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "nowhere" / "keys.json")
    with pytest.raises(ConfigError, match="its folder is not there; make it, or name another"):
        ring.create(KeyKind.ADMIN, "import")


@pytest.mark.parametrize(
    "text",
    ["shop.example", "https://shop.example/shop", "ftp://x", "*", "", "null", "https://a;b", "//x"],
)
def test_an_origin_is_a_scheme_and_a_host(keys: KeyRing, text: str) -> None:
    with pytest.raises(ConfigError, match="no origin"):
        keys.create(KeyKind.PUBLIC, "shop", [text])


@pytest.mark.parametrize(
    "text", ["https://shop.example/", "HTTPS://Shop.Example", "https://shop.example:443"]
)
def test_an_origin_is_kept_as_browsers_send_it(
    make: Make, keys: KeyRing, similar: str, text: str
) -> None:
    assert Settings.from_environment({"VISUAL_SEARCH_ORIGINS": text}).origins == (SHOP,)
    key = keys.create(KeyKind.PUBLIC, "shop", [text])
    answer = make().get(f"{similar}?key={key}", headers={"Origin": SHOP})
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


def test_an_origin_of_the_settings_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"VISUAL_SEARCH_ORIGINS: 'shop\.example' is no origin"):
        Settings.from_environment({"VISUAL_SEARCH_ORIGINS": f"{SHOP},shop.example"})


def test_a_public_key_opens_the_api_to_its_own_pages(
    make: Make, keys: KeyRing, similar: str
) -> None:
    key = keys.create(KeyKind.PUBLIC, "shop", [SHOP])
    client = make()
    mine = client.get(f"{similar}?key={key}", headers={"Origin": SHOP})
    assert (mine.status_code, mine.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert "Origin" in mine.headers["Vary"]
    other = client.get(f"{similar}?key={key}", headers={"Origin": OTHER})
    assert (other.status_code, other.get_json()["code"]) == (403, "origin_not_allowed")
    without = client.get(similar, headers={"Origin": SHOP})
    assert without.status_code == 200
    assert "Access-Control-Allow-Origin" not in without.headers


def test_a_page_may_see_why_its_key_is_refused_and_nothing_else(
    make: Make, keys: KeyRing, similar: str
) -> None:
    key = keys.create(KeyKind.PUBLIC, "shop", [SHOP])
    page = {"Origin": OTHER}
    strict = make(require_key=True)
    for address in (f"{similar}?key={key}", f"{similar}?key=none", similar):
        refused = strict.get(address, headers=page)
        assert refused.status_code in (401, 403)
        assert refused.headers["Access-Control-Allow-Origin"] == OTHER
    open_to_all = make()
    for address in (similar, "/api/v1/products/none", "/api/v1/jobs", "/api/v1/similar"):
        answer = open_to_all.get(address, headers=page)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_preflight_is_answered_for_the_pages_of_a_key(
    make: Make, keys: KeyRing, similar: str
) -> None:
    key = keys.create(KeyKind.PUBLIC, "shop", [SHOP])
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    answer = make().options(f"/api/v1/search?key={key}", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_frame_may_stand_on_the_pages_of_its_key(
    make: Make, keys: KeyRing, service: SearchService
) -> None:
    key = keys.create(KeyKind.PUBLIC, "shop", [SHOP])
    client, page = make(), f"/embed/similar/{product_id(service)}"
    for query, allowed in (("", "'self'"), (f"?key={key}", f"'self' {SHOP}")):
        answer = client.get(page + query)
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {allowed}")
    assert client.get(f"{page}?key=nothing").status_code == 401


def test_an_unknown_key_is_refused(make: Make, keys: KeyRing, similar: str) -> None:
    assert make().get(f"{similar}?key=nothing").status_code == 200  # no keys, nothing to know
    keys.create(KeyKind.PUBLIC, "shop")
    for client_headers, query in (({"Authorization": "Bearer nothing"}, ""), ({}, "?key=nothing")):
        answer = make().get(similar + query, headers=client_headers)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unknown_key")


def test_an_admin_key_does_not_belong_in_an_address(
    make: Make, keys: KeyRing, similar: str
) -> None:
    key = keys.create(KeyKind.ADMIN, "me")
    assert make().get(f"{similar}?key={key}").status_code == 401
    good = make().get(similar, headers={"Authorization": f"Bearer {key}"})
    assert good.status_code == 200


def test_a_shop_may_ask_for_a_key_always(make: Make, keys: KeyRing, similar: str) -> None:
    client = make(require_key=True)
    assert client.get(similar).get_json()["code"] == "key_needed"
    assert client.get(f"{similar}?key={keys.create(KeyKind.PUBLIC, '')}").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/livez").status_code == 200


def test_too_many_requests_are_refused_until_later(make: Make, similar: str) -> None:
    client = make(rate="3 per minute")
    assert [client.get(similar).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(similar)
    assert (refused.get_json()["code"], refused.content_type) == (
        "too_many_requests",
        "application/problem+json",
    )
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"),
        ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::2%eth0", "2001:db8::1"),
        ("", "", "192.0.2.1"),
    ],
)
def test_the_addresses_of_one_network_are_counted_together(
    make: Make, similar: str, one: str, same: str, other: str
) -> None:
    client = make(rate="2 per minute")

    def asked(address: str) -> int:
        return client.get(similar, environ_base={"REMOTE_ADDR": address}).status_code

    assert [asked(address) for address in (one, same, one, same)] == [200, 200, 429, 429]
    assert asked(other) == 200


def test_a_request_is_counted_by_its_own_thread_alone(
    make: Make, similar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()
    started: list[threading.Timer] = []
    monkeypatch.setattr(threading.Timer, "start", lambda timer: started.append(timer))
    assert [client.get(similar).status_code for _ in range(3)] == [200] * 3
    assert started == []


def test_whoever_stays_away_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = LockedMemoryStorage()
    monkeypatch.setattr("server.access.counting._SWEEP_S", 0)
    assert [storage.acquire_entry("often", 2, 60) for _ in range(4)] == [True, True, False, False]
    assert not storage.acquire_entry("never", 0, 60)
    assert storage.acquire_entry("once", 2, 0)
    assert storage.acquire_entry("again", 2, 60)
    assert {key: len(entries) for key, entries in storage.events.items()} == {
        "often": 2,
        "again": 1,
    }


def test_each_key_and_each_address_is_counted_alone(
    make: Make, keys: KeyRing, similar: str
) -> None:
    one, two = (keys.create(KeyKind.PUBLIC, name) for name in ("one", "two"))
    client = make(rate="1 per minute", key_rate="2 per minute", proxies=1)
    for query, times in ((f"?key={one}", 2), (f"?key={two}", 2)):
        answers = [client.get(similar + query).status_code for _ in range(times + 1)]
        assert answers == [200] * times + [429]
    for address in ("192.0.2.1", "192.0.2.2"):
        headers = {"X-Forwarded-For": address}
        assert [client.get(similar, headers=headers).status_code for _ in range(2)] == [200, 429]


def test_pages_that_search_are_counted_as_the_api_is(make: Make, service: SearchService) -> None:
    pages = [
        ("POST", "/search"),
        ("GET", "/search?q=mug"),
        ("GET", "/suggestions?q=mug"),
        ("POST", "/people"),
        ("GET", f"/embed/similar/{product_id(service)}"),
    ]
    for method, address in pages:
        client = make(rate="1 per minute")
        first, second = (client.open(address, method=method) for _ in range(2))
        assert first.status_code != 429
        assert (second.status_code, second.content_type) == (429, "text/html; charset=utf-8")
        assert int(second.headers["Retry-After"]) > 0
        assert client.get("/").status_code == 200


def test_an_admin_key_is_not_found_by_trying(make: Make, keys: KeyRing, similar: str) -> None:
    admin, public = keys.create(KeyKind.ADMIN, "me"), keys.create(KeyKind.PUBLIC, "page")
    client = make(proxies=1)

    def sent(key: str, address: str = "192.0.2.1") -> int:
        headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": address}
        return client.get(similar, headers=headers).status_code

    assert [sent(f"guess {number}") for number in range(21)] == [401] * 20 + [429]
    assert sent(admin) == 429  # whoever guesses does not learn that this one is right
    form = {"data": {"key": admin}, "headers": {"X-Forwarded-For": "192.0.2.1"}}
    assert client.post("/admin/sign-in", **form).status_code == 429
    assert sent(public) == 200
    assert sent(admin, "192.0.2.2") == 200


def test_keys_that_are_tried_in_the_form_count_as_well(make: Make, keys: KeyRing) -> None:
    admin = keys.create(KeyKind.ADMIN, "me")
    client = make()
    tried = [client.post("/admin/sign-in", data={"key": f"{n}"}).status_code for n in range(21)]
    assert tried == [401] * 20 + [429]
    answer = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {admin}"})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_wrong_keys")
    assert answer.headers["Retry-After"] == "60"


def test_an_address_cannot_be_made_up_without_a_proxy(make: Make, similar: str) -> None:
    client = make(rate="1 per minute")
    answers = [
        client.get(similar, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
        for n in range(2)
    ]
    assert answers == [200, 429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": OTHER}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_form_of_another_site_is_not_answered(
    make: Make,
    mug_photo: bytes,
    tmp_path: Path,
    headers: dict[str, str],
    status: int,
) -> None:
    photo = tmp_path / "mug.webp"
    photo.write_bytes(mug_photo)
    with photo.open("rb") as file:
        answer = make().post("/search", data={"image": (file, "mug.webp")}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("name", "text"),
    [("RATE", "often"), ("KEY_RATE", ""), ("REQUIRE_KEY", "maybe"), ("PROXIES", "-1")],
)
def test_settings_that_cannot_be_used_are_refused(name: str, text: str) -> None:
    if not text:
        assert Settings.from_environment({f"VISUAL_SEARCH_{name}": text}).key_rate
        return
    with pytest.raises(ConfigError, match=f"VISUAL_SEARCH_{name}"):
        Settings.from_environment({f"VISUAL_SEARCH_{name}": text})


def test_what_cannot_count_requests_is_refused_at_the_start_but_its_password_not_told(
    make: Make,
) -> None:
    for storage in ("reddis://:hunter2@cache", "async+redis://:hunter2@cache"):
        with pytest.raises(ConfigError) as refused:
            make(rate_storage=storage)
        told = storage.replace(":hunter2", "***")
        assert f"VISUAL_SEARCH_RATE_STORAGE is '{told}'; it must be" in str(refused.value)


def test_a_redis_without_its_client_is_refused_at_the_start_with_what_to_install(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigError, match="needs the package redis: pip install -r requirements"):
        make(rate_storage="redis://cache")


@pytest.mark.slow
def test_the_command_makes_lists_and_revokes_keys(tmp_path: Path) -> None:
    script, file = ROOT / "scripts" / "keys.py", tmp_path / "keys.json"
    made = run_python(
        script, "--file", file, "create", "public", "--name", "shop", "--origin", SHOP
    )
    assert made.returncode == 0, made.stderr
    (key,) = KeyRing(file).keys
    assert KeyRing(file).find(made.stdout.strip()) == key
    listed = run_python(script, "--file", file, "list")
    assert listed.stdout.split()[:2] == [key.id, "public"]
    assert SHOP in listed.stdout
    assert run_python(script, "--file", file, "revoke", key.id).returncode == 0
    again = run_python(script, "--file", file, "revoke", key.id)
    assert (again.returncode, again.stderr.startswith("error: ")) == (2, True)
