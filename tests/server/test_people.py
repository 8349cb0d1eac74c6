"""Finding people over HTTP: off unless switched on, and nothing of a photo is kept."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from features.errors import ConfigError, PeopleUnavailableError
from features.people import DlibFaces, FaceStore, PeopleSearch, open_faces
from features.search import SearchService
from server import create_app
from server.config import Settings
from tests.helpers import picture
from tests.people import enrol_everybody, made_up, people_folder
from tests.server.conftest import KEY, TidyClient

ADMIN = {"Authorization": f"Bearer {KEY}"}
Serving = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def photos() -> Path:
    return people_folder()


@pytest.fixture(scope="module")
def reader(photos: Path) -> DlibFaces:
    return DlibFaces()


@pytest.fixture(scope="module")
def kept(
    reader: DlibFaces, photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kept")
    enrol_everybody(folder, photos, reader)
    yield folder


@pytest.fixture
def serving(
    settings: Settings,
    service: SearchService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Serving:
    """A client where VISUAL_SEARCH_PEOPLE has some value; no faces are read."""
    monkeypatch.setattr("server.services.people.check_installed", lambda: None)
    store = tmp_path / "people"

    def serve(people: str) -> FlaskClient:
        app = create_app(
            replace(settings, people=people, people_store=store, admin_key=KEY), service=service
        )
        app.test_client_class = TidyClient
        return app.test_client()

    return serve


@pytest.fixture
def looking(serving: Serving, kept: Path, reader: DlibFaces) -> Serving:
    """The same with real faces."""

    def serve(people: str) -> FlaskClient:
        client = serving(people)
        client.application.extensions["people"] = PeopleSearch(kept, reader=lambda: reader)
        return client

    return serve


def asked(client: FlaskClient, photo: bytes, **fields: Any) -> Any:
    image = {"image": (io.BytesIO(photo), "photo.jpg"), **fields}
    return client.post("/api/v1/people/search", data=image, headers=fields.pop("headers", None))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/people/search"),
        ("get", "/api/v1/people/a"),
        ("delete", "/api/v1/people/a"),
    ],
)
def test_it_is_off_unless_it_is_switched_on(serving: Serving, method: str, path: str) -> None:
    answer = serving("off").open(path, method=method.upper(), headers=ADMIN)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "people_off")
    assert "VISUAL_SEARCH_PEOPLE" in answer.get_json()["detail"]
    assert answer.mimetype == "application/problem+json"


def test_the_default_is_off_and_no_page_links_to_it(client: FlaskClient) -> None:
    assert Settings().people == "off"
    assert "/people" not in client.get("/").text
    page = client.get("/people")
    assert page.status_code == 403
    assert "switched off" in page.text


def test_switched_on_without_the_packages_the_server_does_not_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise PeopleUnavailableError("pip install -r requirements-people.txt")

    monkeypatch.setattr("server.services.people.check_installed", missing)
    create_app(settings)
    with pytest.raises(ConfigError, match=r"VISUAL_SEARCH_PEOPLE is 'all'.*requirements-people"):
        create_app(replace(settings, people="all"))


def test_packages_that_went_away_are_a_503_with_its_own_code(serving: Serving) -> None:
    client = serving("all")

    def missing() -> DlibFaces:
        raise PeopleUnavailableError("pip install -r requirements-people.txt")

    client.application.extensions["people"] = PeopleSearch(Path("none"), reader=missing)
    answer = asked(client, picture(1))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "people_unavailable")


def test_for_admins_alone_the_search_needs_the_key_and_there_is_no_page(serving: Serving) -> None:
    client = serving("admin")
    assert asked(client, picture(1)).get_json()["code"] == "admin_key_needed"
    assert client.get("/people").status_code == 403
    assert "/people" not in client.get("/").text


@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_is_kept_of_a_subject_is_for_admins(serving: Serving, method: str) -> None:
    answer = serving("all").open("/api/v1/people/ann", method=method.upper())
    assert (answer.status_code, answer.get_json()["code"]) == (401, "admin_key_needed")


def test_a_subject_is_shown_and_deleted_with_every_vector(serving: Serving, tmp_path: Path) -> None:
    client = serving("admin")
    with FaceStore(tmp_path / "people") as store:
        store.add(*made_up("ann", "bob", "ann"))
    shown = client.get("/api/v1/people/ann", headers=ADMIN).get_json()
    assert [face["location"] for face in shown["faces"]] == ["/0.jpg", "/2.jpg"]
    assert set(shown["faces"][0]) == {"picture", "location", "box", "enrolled"}
    gone = client.delete("/api/v1/people/ann", headers=ADMIN).get_json()
    assert (gone["deleted"], gone["faces"]) == ("ann", 2)
    assert open_faces(tmp_path / "people").subjects() == {"bob": 1}
    again = client.delete("/api/v1/people/ann", headers=ADMIN)
    assert (again.status_code, again.get_json()["code"]) == (404, "unknown_subject")


def test_deleting_nobody_makes_no_folder(serving: Serving, tmp_path: Path) -> None:
    answer = serving("admin").delete("/api/v1/people/ann", headers=ADMIN)
    assert answer.status_code == 404
    assert not (tmp_path / "people").exists()


def test_deleting_again_clears_up_after_a_deletion_that_was_interrupted(
    serving: Serving, tmp_path: Path
) -> None:
    with FaceStore(tmp_path / "people") as store:
        store.add(*made_up("bob"))
    left = tmp_path / "people" / "faces-000000.npy"
    left.write_bytes(b"the vector of ann")
    assert serving("admin").delete("/api/v1/people/ann", headers=ADMIN).status_code == 404
    assert not left.exists()


def test_the_word_search_is_no_subject(serving: Serving) -> None:
    answer = serving("admin").delete("/api/v1/people/search", headers=ADMIN)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert serving("admin").get("/api/v1/people/searching", headers=ADMIN).status_code == 404


@pytest.mark.parametrize(
    "fields", [{"face": "x"}, {"face": "-1"}, {"limit": "0"}, {"limit": "101"}, {"limit": "1.5"}]
)
def test_numbers_out_of_range_are_refused(serving: Serving, fields: dict[str, str]) -> None:
    answer = asked(serving("all"), picture(1), **fields)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query")


def test_without_a_photo_there_is_nothing_to_search(serving: Serving) -> None:
    answer = serving("all").post("/api/v1/people/search", data={"face": "0"})
    assert answer.get_json()["code"] == "missing_image"


def test_both_people_of_a_photo_are_found(looking: Serving, photos: Path) -> None:
    said = asked(looking("all"), (photos / "two_people.jpg").read_bytes()).get_json()
    assert said["threshold"] == 0.6
    assert [face["face"] for face in said["faces"]] == [0, 1]
    assert [len(face["matches"]) for face in said["faces"]] == [2, 2]
    for face in said["faces"]:
        assert face["known"]
        assert all(match["distance"] <= 0.6 for match in face["matches"])
        assert all(len(match["box"]) == 4 for match in face["matches"])


def test_names_and_places_are_told_to_admins_alone(looking: Serving, photos: Path) -> None:
    client, photo = looking("all"), (photos / "biden.jpg").read_bytes()
    for match in asked(client, photo).get_json()["faces"][0]["matches"]:
        assert match["subject"] is match["location"] is None
        assert client.get(match["image_url"]).mimetype == "image/webp"
    client = looking("admin")
    client.environ_base["HTTP_AUTHORIZATION"] = ADMIN["Authorization"]
    for match in asked(client, photo).get_json()["faces"][0]["matches"]:
        assert match["subject"] == "biden"
        assert match["image_url"] is None


def test_one_face_is_chosen_and_a_missing_one_refused(looking: Serving, photos: Path) -> None:
    client, photo = looking("all"), (photos / "two_people.jpg").read_bytes()
    (face,) = asked(client, photo, face="1", limit="1").get_json()["faces"]
    assert (face["face"], len(face["matches"])) == (1, 1)
    assert "faces 0 to 1" in asked(client, photo, face="2").get_json()["detail"]


def test_a_stranger_is_unknown(looking: Serving, photos: Path) -> None:
    said = asked(looking("all"), (photos / "train_rose_leslie_img1.jpg").read_bytes()).get_json()
    assert [(face["known"], face["matches"]) for face in said["faces"]] == [(False, [])]


def test_nothing_of_a_photo_is_kept(
    looking: Serving, photos: Path, kept: Path, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    client, photo = looking("all"), (photos / "obama2.jpg").read_bytes()
    assert "image_token" not in asked(client, photo).get_json()
    page = client.post("/people", data={"image": (io.BytesIO(photo), "photo.jpg")})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert list(tmp_path.rglob("*")) == []
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


def test_only_pictures_of_enrolled_people_are_shown(
    serving: Serving, tmp_path: Path, mug_photo: bytes
) -> None:
    client = serving("all")
    faces, vectors = made_up("ann")
    (tmp_path / "other.webp").write_bytes(mug_photo)
    with FaceStore(tmp_path / "people") as store:
        store.add([replace(faces[0], location=str(tmp_path / "other.webp"))], vectors)
    assert client.get(f"/people/pictures/{'0' * 31}1").status_code == 404
    assert client.get(f"/people/pictures/{'0' * 32}").status_code == 404  # other bytes by now


def test_an_empty_photo_of_nobody_is_explained_on_the_page(looking: Serving) -> None:
    page = looking("all").post("/people", data={"image": (io.BytesIO(picture(1)), "photo.png")})
    assert "No face is found" in page.text
