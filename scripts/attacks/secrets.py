"""Secrets: a server is given some of every kind, and all that it says and keeps is searched."""

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from features.jobs import run_jobs
from features.logs import line_formatter
from features.store import StoreSet
from scripts.attacks.servers import serving
from scripts.attacks.tally import Tally
from server import create_app
from server.access.keys import KeyKind, KeyRing
from server.access.sessions import COOKIE
from server.config import Settings
from server.services.editing import sync_options
from server.services.imports import Imports

_ADMIN, _GUESS = "an-admin-key-of-the-settings", "a-guess-that-is-wrong-but-near"
_PASSWORD, _SIGNATURE, _TOKEN = "pa55word-in-an-address", "5ignature-of-an-address", "mi1vus-token"
# Where pictures come from is kept beside their vectors: the next import compares with it.
_ADDRESSES_IN = ("rows-", "urls.sqlite", "feed")


@dataclass(frozen=True)
class _Said:
    """Something that was said or kept, and where."""

    where: str
    data: bytes


class _Waiting(Imports):
    """Imports that are run when this attack says so."""

    def start(self) -> None:
        """Nothing."""


def kept_secrets(settings: Settings, photo: bytes) -> Tally:
    """Use every kind of secret, rightly and wrongly, and look for each in all that comes of it.

    Args:
        settings: of a shop whose store, keys and photos may be changed.
        photo: one that can be searched with.
    """
    ring = KeyRing(settings.keys)
    secrets = {
        "the admin key": _ADMIN,
        "an admin key of the file": ring.create(KeyKind.ADMIN, "nightly"),
        "a public key": ring.create(KeyKind.PUBLIC, "page"),
        "a wrong key": _GUESS,
        "a password in an address": _PASSWORD,
        "a signed address": _SIGNATURE,
        "the token of Milvus": _TOKEN,
    }
    settings = replace(
        settings, admin_key=_ADMIN, milvus_token=_TOKEN, allowed_hosts=("127.0.0.1",), metrics="all"
    )
    session: dict[str, str] = {}
    with _logging() as log, _pictures(photo) as web:
        said = list(_conversation(settings, secrets, web, photo, session))
    secrets |= session
    said += [_Said("the log", log.getvalue().encode()), *_kept(settings)]
    found = [
        f"{name} is in {one.where}"
        for name, text in secrets.items()
        for one in said
        if text.encode() in one.data and not _is_meant(name, one.where)
    ]
    return Tally("secrets looked for", len(secrets) * len(said), tuple(found))


def _conversation(
    settings: Settings, secrets: Mapping[str, str], web: str, photo: bytes, session: dict[str, str]
) -> Iterator[_Said]:
    app = create_app(settings)
    app.extensions["imports"] = imports = _Waiting(settings)
    client = app.test_client()
    yield from _photos(client, web, photo)
    yield from _signing_in(client, session)
    yield _told("a feed", client.post("/api/v1/catalog", data=_feed(web), headers=_bearer(_ADMIN)))
    refused = {**_feed(web), "store_url": f"https://me:{_PASSWORD}@shop.example"}
    yield _told("a feed", client.post("/api/v1/catalog", data=refused, headers=_bearer(_ADMIN)))
    run_jobs(imports.shelf, StoreSet(settings.store), sync_options(settings))
    for job in imports.shelf.jobs():
        yield _told("a job", client.get(f"/api/v1/jobs/{job.id}", headers=_bearer(_ADMIN)))
    yield from _everything(app, client, secrets)
    yield _told("a fault", _with_a_fault(settings, photo))
    app.extensions["web"].close()


def _everything(app: Flask, client: FlaskClient, secrets: Mapping[str, str]) -> Iterator[_Said]:
    """Every address that can be read, and all that can be changed without a body."""
    keys = [secrets[name] for name in secrets if "key" in name]
    sent: list[dict[str, Any]] = [{"headers": _bearer(key)} for key in (*keys, f"{_ADMIN}x")]
    sent += [{"query_string": {"key": key}} for key in keys]
    sent += [{"headers": {"Cookie": f"{COOKIE}={_GUESS}"}}, {}]
    for place, rule in enumerate(app.url_map.iter_rules()):
        # From another address each time, as wrong keys are counted.
        visitor = {"REMOTE_ADDR": f"10.9.{place}.1"}
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD", "DELETE"}):
            for options in sent:
                answer = client.open(_address(rule), method=method, environ_base=visitor, **options)
                yield _told(f"{method} {rule.rule}", answer)


def _photos(client: FlaskClient, web: str, photo: bytes) -> Iterator[_Said]:
    host = web.removeprefix("http://")
    for address in (
        f"http://me:{_PASSWORD}@{host}/a.png",
        f"{web}/missing.png?signature={_SIGNATURE}",
        f"{web}/a.png?signature={_SIGNATURE}",
        f"http://10.0.0.1/a.png?signature={_SIGNATURE}",
        f"ftp://me:{_PASSWORD}@{host}/a.png?signature={_SIGNATURE}",
        f"http://me:{_PASSWORD}@[/?signature={_SIGNATURE}",
    ):
        answer = client.post("/api/v1/search", data={"image_url": address})
        yield _told("a search by address", answer)
    sent = {"image": (io.BytesIO(photo), f"{_PASSWORD}.webp")}
    yield _told("a search", client.post(f"/api/v1/search?signature={_SIGNATURE}", data=sent))


def _signing_in(client: FlaskClient, session: dict[str, str]) -> Iterator[_Said]:
    yield _told("signing in", client.post("/admin/sign-in", data={"key": _GUESS}))
    answer = client.post("/admin/sign-in", data={"key": _ADMIN})
    session["a session"] = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    yield _Said("signing in", answer.data)  # its header brings the token to whom it belongs
    yield _told("the admin's page", client.get("/admin"))


def _feed(web: str) -> dict[str, Any]:
    host = web.removeprefix("http://")
    rows = [
        "id,title,image",
        f"good,Good,{web}/a.png?signature={_SIGNATURE}",
        f"missing,Missing,{web}/missing.png?signature={_SIGNATURE}",
        f"password,Password,http://me:{_PASSWORD}@{host}/a.png",
        f"private,Private,http://10.0.0.1/a.png?signature={_SIGNATURE}",
        f"other,Other,ftp://me:{_PASSWORD}@{host}/a.png",
        f"broken,Broken,http://me:{_PASSWORD}@[/a.png?signature={_SIGNATURE}",
    ]
    return {"feed": (io.BytesIO("\n".join(rows).encode()), "feed.csv"), "keep_missing": "true"}


def _with_a_fault(settings: Settings, photo: bytes) -> TestResponse:
    """An answer to a request that the server fails at, on a disk that takes nothing."""
    broken = replace(settings, photos=settings.store / "no-folder" / "photos")
    broken.photos.parent.write_text("")
    client = create_app(broken).test_client()
    sent = {"image": (io.BytesIO(photo), f"{_PASSWORD}.webp")}
    query = {"key": _ADMIN, "signature": _SIGNATURE}
    return client.post("/search", data=sent, query_string=query, headers=_bearer(_ADMIN))


def _kept(settings: Settings) -> Iterator[_Said]:
    folders = [settings.store, settings.photos, *([settings.keys.parent] if settings.keys else [])]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield _Said(str(path), path.read_bytes())


def _is_meant(name: str, where: str) -> bool:
    if name == "a public key":  # a frame asks with the key that it was asked with
        return where.startswith("GET /embed/")
    return name == "a signed address" and Path(where).name.startswith(_ADDRESSES_IN)


def _told(where: str, answer: TestResponse) -> _Said:
    headers = str(answer.headers).encode("utf-8", "replace")
    said = _Said(where, headers + answer.data)
    answer.request.input_stream.close()
    answer.close()
    return said


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _address(rule: Rule) -> str:
    values = {
        name: 1 if isinstance(converter, IntegerConverter) else "thing"
        for name, converter in rule._converters.items()
    }
    built = rule.build(values, append_unknown=False)
    return built[1] if built else rule.rule


@contextmanager
def _pictures(photo: bytes) -> Iterator[str]:
    """A shop's server: one picture, whatever the query says."""

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        return (200, {}, photo) if path.startswith("/a.png") else (404, {}, b"")

    with serving("127.0.0.1", answer) as shop:
        yield f"http://127.0.0.1:{shop.server_port}"


@contextmanager
def _logging() -> Iterator[io.StringIO]:
    """All lines of all loggers, also those that nobody shows."""
    written, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(written), root.level
    handler.setFormatter(line_formatter("json"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
