"""The admin pages: who may see them, and what they do."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace

from flask.testing import FlaskClient

from server import create_app
from server.access.keys import KeyKind, KeyRing
from server.access.sessions import COOKIE, AdminSessions
from server.config import Settings
from server.services.imports import Imports
from tests.server.admin.forms import SAME, send, sign_in
from tests.server.conftest import KEY, TidyClient
from tests.server.test_collections_api import import_all

_OPEN = ("admin.home", "admin.begin")


def test_the_key_opens_the_pages_and_stays_out_of_cookie_and_page(visitor: FlaskClient) -> None:
    assert "Admin key" in visitor.get("/admin").text
    answer = sign_in(visitor)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin")
    cookie = answer.headers["Set-Cookie"]
    assert KEY not in cookie
    for part in ("HttpOnly", "SameSite=Strict", "Path=/admin", "Max-Age=28800"):
        assert part in cookie
    assert "Secure" not in cookie
    page = visitor.get("/admin")
    assert "<h1>Overview</h1>" in page.text
    assert KEY not in page.text
    assert page.cache_control.no_store


def test_over_https_the_cookie_is_for_https_alone(visitor: FlaskClient) -> None:
    answer = visitor.post("/admin/sign-in", data={"key": KEY}, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_wrong_key_opens_nothing(visitor: FlaskClient) -> None:
    for key in ("", "wrong", KEY[:-1], KEY.upper()):
        answer = sign_in(visitor, key)
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        assert "This is no admin key." in answer.text


def test_without_any_admin_key_nobody_signs_in(own_settings: Settings) -> None:
    app = create_app(replace(own_settings, admin_key=""))
    app.test_client_class = TidyClient
    client = app.test_client()
    assert "VISUAL_SEARCH_ADMIN_KEY" in client.get("/admin").text
    assert sign_in(client).status_code == 403


def test_everything_but_the_form_needs_a_session(visitor: FlaskClient) -> None:
    asked = 0
    for address, method in addresses(visitor):
        for cookie in ("", "x" * 43, "../../stores.json"):
            visitor.set_cookie(COOKIE, cookie, path="/admin")
            answer = visitor.open(address, method=method, headers=SAME)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/admin"), address
            asked += 1
    assert asked > 40


def addresses(client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Every address and method of these pages, but for the form and what it sends."""
    adapter = client.application.url_map.bind("localhost")
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and rule.endpoint not in _OPEN:
            values = dict.fromkeys(rule.arguments, "0123456789abcdef")
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            yield adapter.build(rule.endpoint, values, method), method


def test_forms_of_other_sites_change_nothing(owner: FlaskClient) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
        answer = owner.post("/admin/sign-out", headers=headers)
        assert answer.status_code == 403
    assert "<h1>Overview</h1>" in owner.get("/admin").text


def test_a_session_ends_by_signing_out_even_if_the_cookie_was_kept(owner: FlaskClient) -> None:
    kept = owner.get_cookie(COOKIE, path="/admin")
    assert kept is not None
    owner.post("/admin/sign-out", headers=SAME)
    owner.set_cookie(COOKIE, kept.value, path="/admin")
    assert "Admin key" in owner.get("/admin").text


def test_a_session_ends_with_its_time_and_with_its_key(own_settings: Settings) -> None:
    folder = own_settings.store / "sessions"
    sessions = AdminSessions(folder)
    token = sessions.begin("digest")
    assert sessions.holds(token, ["other", "digest"])
    assert not sessions.holds(token, ["other"])
    assert not AdminSessions(folder).holds("x" * 43, ["digest"])
    (file,) = folder.iterdir()
    assert token not in file.name + file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    short = AdminSessions(folder, seconds=0.2)
    token = short.begin("digest")
    time.sleep(0.25)
    assert not short.holds(token, ["digest"])


def test_a_revoked_key_ends_its_sessions(own_settings: Settings) -> None:
    keys = own_settings.store / "keys.json"
    ring = KeyRing(keys)
    key = ring.create(KeyKind.ADMIN, "nightly")
    public = ring.create(KeyKind.PUBLIC, "page")
    app = create_app(replace(own_settings, keys=keys))
    app.test_client_class = TidyClient
    client = app.test_client()
    assert sign_in(client, public).status_code == 401
    assert sign_in(client, key).status_code == 303
    assert "<h1>Overview</h1>" in client.get("/admin").text
    ring.revoke(next(known.id for known in ring.keys if known.kind is KeyKind.ADMIN))
    assert "Admin key" in client.get("/admin").text


def test_too_many_keys_are_not_tried(own_settings: Settings) -> None:
    app = create_app(replace(own_settings, rate="2 per minute"))
    app.test_client_class = TidyClient
    client = app.test_client()
    assert [sign_in(client, "wrong").status_code for _ in range(3)] == [401, 401, 429]


def test_a_collection_is_made_followed_renamed_and_deleted(
    owner: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    answer = send(owner, "<b>Holiday</b>")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = owner.get(address).text
    assert "<h1>&lt;b&gt;Holiday&lt;/b&gt;</h1>" in page
    assert "holiday.zip waits for its import." in page
    assert "data-waits" in page
    import_all(imports, own_settings)
    part = owner.get(f"{address}/import").text
    assert "holiday.zip is imported; 1 file was not used." in part
    assert "&#39;a.txt&#39; is left out" in part
    assert "data-waits" not in part
    renamed = owner.post(f"{address}/rename", data={"name": "Summer"}, headers=SAME)
    assert (renamed.status_code, renamed.headers["Location"]) == (303, address)
    assert "3 pictures, 1 file not used" in owner.get("/admin").text
    deleted = owner.post(f"{address}/delete", headers=SAME)
    assert deleted.headers["Location"] == "/admin"
    assert "There are none yet." in owner.get("/admin").text
    assert owner.get(address).status_code == 404


def test_what_cannot_be_is_said_on_the_same_page(owner: FlaskClient) -> None:
    address = send(owner).headers["Location"]
    again = send(owner, "holiday")
    assert again.status_code == 409
    assert "already; choose another name." in again.text
    assert 'value="holiday"' in again.text
    empty = owner.post(f"{address}/rename", data={"name": " "}, headers=SAME)
    assert empty.status_code == 422
    assert "needs a name" in empty.text
    data = {"name": "Other", "archive": (io.BytesIO(b"none"), "other.zip")}
    broken = owner.post("/admin/collections", data=data, headers=SAME)
    assert broken.status_code == 400
    assert "other.zip is no whole ZIP" in broken.text


def test_a_waiting_import_is_cancelled(owner: FlaskClient, imports: Imports) -> None:
    address = send(owner).headers["Location"]
    for _ in range(2):  # a second click does no harm
        assert owner.post(f"{address}/cancel", headers=SAME).status_code == 303
    assert "The import of holiday.zip was cancelled." in owner.get(address).text
