"""Collections over HTTP: made of a ZIP, searched on their own, renamed, deleted."""

import gc
import io
import json
from collections.abc import Mapping
from typing import Any
from weakref import ref

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from features.jobs import run_jobs
from features.store import StoreSet
from server.config import Settings
from server.services.collections import Collections
from server.services.editing import sync_options
from server.services.imports import Imports
from tests.features.collections.test_collections import PICTURES, zipped
from tests.server.conftest import said_by
from tests.server.test_search_api import assert_problem

PHOTO = PICTURES["holiday/1.png"]


@pytest.fixture
def collection_id(admin: FlaskClient, imports: Imports, own_settings: Settings) -> str:
    """A collection whose pictures can be searched."""
    sent = create(admin)
    import_all(imports, own_settings)
    created: str = sent.get_json()["collection"]["id"]
    return created


def create(
    client: FlaskClient, name: str = "Holiday", files: Mapping[str, bytes] = PICTURES
) -> TestResponse:
    data = {"name": name, "archive": (zipped(files), "holiday.zip")}
    return client.post("/api/v1/collections", data=data)


def import_all(imports: Imports, settings: Settings) -> None:
    run_jobs(imports.shelf, StoreSet(settings.store), sync_options(settings))


def search(client: FlaskClient, **form: Any) -> TestResponse:
    return client.post("/api/v1/search", data={"image": (io.BytesIO(PHOTO), "a.png"), **form})


def test_a_zip_becomes_a_collection_that_can_be_followed(
    admin: FlaskClient, imports: Imports, own_settings: Settings
) -> None:
    answer = create(admin, files={**PICTURES, "notes.txt": b"words"})
    assert answer.status_code == 202
    said = said_by(answer)
    assert (said["collection"]["state"], said["collection"]["pictures"]) == ("queued", 0)
    assert answer.headers["Location"] == f"/api/v1/collections/{said['collection']['id']}"
    assert said_by(admin.get(answer.headers["Location"])) == said
    import_all(imports, own_settings)
    done = admin.get(answer.headers["Location"]).get_json()
    assert (done["collection"]["state"], done["collection"]["pictures"]) == ("done", 3)
    (failure,) = done["job"]["failed"]
    assert "'notes.txt'" in failure["detail"]
    assert done["job"]["id"] == done["collection"]["job_id"] == said["job"]["id"]
    listed = admin.get("/api/v1/collections").get_json()["collections"]
    assert listed == [done["collection"]]


def test_a_photo_finds_pictures_of_the_collection_alone(
    admin: FlaskClient, collection_id: str
) -> None:
    found = search(admin, collection=collection_id).get_json()["results"]
    assert [hit["product"]["id"] for hit in found[:1]] == ["1"]
    assert {hit["product"]["id"] for hit in found} == {"0", "1", "2"}
    assert not {"0", "1", "2"} & {
        hit["product"]["id"] for hit in search(admin).get_json()["results"]
    }
    for address in (found[0]["image_url"], found[0]["thumbnail_url"]):
        assert address.endswith(f"?collection={collection_id}")
        assert admin.get(address).status_code == 200
        assert admin.get(address.partition("?")[0]).status_code == 404
    assert admin.get(found[0]["image_url"]).data == PHOTO


def test_a_picture_of_a_collection_is_shown_with_those_like_it(
    admin: FlaskClient, collection_id: str
) -> None:
    query = {"collection": collection_id}
    shown = admin.get("/api/v1/products/1", query_string=query).get_json()
    assert shown["product"]["title"] == "1"
    like = admin.get("/api/v1/products/1/similar", query_string=query).get_json()
    assert {hit["product"]["id"] for hit in like["results"]} == {"0", "2"}
    assert admin.get("/api/v1/products/1").status_code == 404


def test_a_collection_is_renamed(admin: FlaskClient, collection_id: str) -> None:
    address = f"/api/v1/collections/{collection_id}"
    answer = admin.patch(address, json={"name": " Summer  2026 "})
    assert (answer.status_code, answer.get_json()["collection"]["name"]) == (200, "Summer 2026")
    assert admin.get(address).get_json()["collection"]["name"] == "Summer 2026"


@pytest.mark.parametrize(
    "sent",
    [
        *(json.dumps({"name": name}) for name in ("", 3, "x" * 81)),
        *("{}", '["name"]', '{"name": "a", "id": "b"}', "Holiday", "[" * 5_000),
    ],
)
def test_what_is_no_name_is_refused(admin: FlaskClient, collection_id: str, sent: str) -> None:
    answer = admin.patch(f"/api/v1/collections/{collection_id}", data=sent)
    assert_problem(answer, 422, "invalid_name")


def test_a_name_is_given_once(admin: FlaskClient, collection_id: str) -> None:
    assert_problem(create(admin, "HOLIDAY"), 409, "name_taken")
    other = create(admin, "Other").get_json()["collection"]["id"]
    answer = admin.patch(f"/api/v1/collections/{other}", json={"name": "holiday"})
    assert_problem(answer, 409, "name_taken")


def test_a_deleted_collection_is_gone_from_searches_and_pictures(
    admin: FlaskClient, collection_id: str
) -> None:
    picture = search(admin, collection=collection_id).get_json()["results"][0]["image_url"]
    answer = admin.delete(f"/api/v1/collections/{collection_id}")
    assert (answer.status_code, answer.get_json()["deleted"]) == (200, collection_id)
    assert_problem(search(admin, collection=collection_id), 404, "unknown_collection")
    assert admin.get(picture).status_code == 404
    assert admin.get("/api/v1/collections").get_json()["collections"] == []
    assert_problem(admin.delete(f"/api/v1/collections/{collection_id}"), 404, "unknown_collection")


@pytest.mark.parametrize("is_open", [False, True], ids=["first search", "a later search"])
def test_a_search_in_the_moment_in_which_its_collection_is_deleted_finds_none(
    admin: FlaskClient, own_app: Flask, collection_id: str, is_open: bool
) -> None:
    collections: Collections = own_app.extensions["collections"]
    if is_open:
        assert search(admin, collection=collection_id).status_code == 200
    # What comes after the choice of the collection, and before the search.
    own_app.before_request_funcs[None].append(lambda: collections.shelf.delete(collection_id))
    assert_problem(search(admin, collection=collection_id), 404, "unknown_collection")


def test_a_page_in_the_moment_in_which_its_collection_is_deleted_leads_to_the_catalogue(
    admin: FlaskClient, own_app: Flask, collection_id: str
) -> None:
    collections: Collections = own_app.extensions["collections"]
    own_app.before_request_funcs[None].append(lambda: collections.shelf.delete(collection_id))
    page = admin.get(f"/search?q=holiday&collection={collection_id}")
    assert page.status_code == 404 and collection_id not in page.text


def test_the_files_of_a_deleted_collection_are_closed_by_every_process(
    admin: FlaskClient, own_app: Flask, collection_id: str
) -> None:
    assert search(admin, collection=collection_id).status_code == 200
    collections = own_app.extensions["collections"]
    opened = ref(collections.loader(collection_id).get().view)
    assert admin.get("/livez").status_code == 200
    assert opened() is not None
    collections.shelf.delete(collection_id)  # as another process does
    assert admin.get("/livez").status_code == 200
    gc.collect()
    assert opened() is None, "else the disk has no room of it until this process ends"


def test_a_collection_without_pictures_says_so(admin: FlaskClient, imports: Imports) -> None:
    created = create(admin).get_json()["collection"]["id"]
    problem = assert_problem(search(admin, collection=created), 409, "collection_empty")
    assert "'Holiday'" in problem["detail"]


def test_changes_of_the_catalogue_name_no_collection(
    admin: FlaskClient, collection_id: str
) -> None:
    for method, address in (("DELETE", "/api/v1/products/1"), ("GET", "/api/v1/stats")):
        answer = admin.open(address, method=method, query_string={"collection": collection_id})
        assert_problem(answer, 400, "invalid_query")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "catalog"),
        ("PUT", "products/1"),
        ("POST", "detect"),
        ("POST", "compare"),
    ],
)
def test_forms_that_know_the_catalogue_alone_name_no_collection(
    admin: FlaskClient, collection_id: str, method: str, address: str
) -> None:
    answer = admin.open(f"/api/v1/{address}", method=method, data={"collection": collection_id})
    problem = assert_problem(answer, 400, "invalid_query")
    assert "no collections" in problem["detail"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"name": "A"}, "invalid_query"),
        ({"name": "A", "archive": "text"}, "invalid_query"),
        ({"name": "A", "archive": (io.BytesIO(b"id,image\n"), "a.zip")}, "invalid_archive"),
    ],
    ids=["no file", "text", "no ZIP"],
)
def test_what_is_no_archive_leaves_no_collection(
    admin: FlaskClient, imports: Imports, own_settings: Settings, data: dict[str, Any], code: str
) -> None:
    problem = assert_problem(admin.post("/api/v1/collections", data=data), 400, code)
    assert str(own_settings.store) not in problem["detail"]
    assert admin.get("/api/v1/collections").get_json()["collections"] == []


def test_only_admins_change_or_list_collections(own_app: Flask, collection_id: str) -> None:
    client = own_app.test_client()
    address = f"/api/v1/collections/{collection_id}"
    answers = [
        create(client, "Other"),
        client.get("/api/v1/collections"),
        client.get(address),
        client.patch(address, json={"name": "Mine"}),
        client.delete(address),
    ]
    for answer in answers:
        assert_problem(answer, 401, "admin_key_needed")
    assert search(client, collection=collection_id).status_code == 200


def test_the_page_searches_a_collection_and_stays_in_it(own_app: Flask, collection_id: str) -> None:
    client = own_app.test_client()
    assert "in “Holiday”" in client.get(f"/search?collection={collection_id}").text
    photo = {"image": (io.BytesIO(PHOTO), "a.png")}
    sent = client.post(f"/search?collection={collection_id}", data=photo)
    assert sent.status_code == 303
    page = client.get(sent.headers["Location"])
    assert "Pictures of “Holiday” that look like your photo" in page.text
    assert page.text.count('class="product"') == 3
    nudge = client.get(f"{sent.headers['Location']}&left=10&top=10&right=90&bottom=90&nudge=up")
    assert f"collection={collection_id}" in nudge.headers["Location"]
    assert client.get(nudge.headers["Location"]).status_code == 200
    assert client.get("/search?collection=0123456789abcdef").status_code == 404


def test_a_collection_shares_the_network_of_the_catalogue(
    own_app: Flask, admin: FlaskClient, collection_id: str
) -> None:
    assert search(admin).status_code == 200
    assert search(admin, collection=collection_id).status_code == 200
    collections = own_app.extensions["collections"]
    (shared,) = collections.loader(collection_id).extractors
    assert own_app.extensions["service"].extractors == [shared]


def test_a_damaged_collection_is_listed_and_can_be_deleted(
    own_app: Flask, admin: FlaskClient, collection_id: str
) -> None:
    stores = own_app.extensions["collections"].shelf.stores_of(collection_id)
    (stores.folder_of() / "manifest.json").write_text("{")
    (listed,) = admin.get("/api/v1/collections").get_json()["collections"]
    assert (listed["id"], listed["pictures"]) == (collection_id, 0)
    assert_problem(search(admin, collection=collection_id), 503, "store_corrupt")
    assert admin.delete(f"/api/v1/collections/{collection_id}").status_code == 200


def test_a_method_that_an_address_does_not_know_is_told_as_such(client: FlaskClient) -> None:
    answer = client.put("/api/v1/search?collection=0123456789abcdef")
    assert answer.status_code == 405
