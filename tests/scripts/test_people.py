"""`scripts/people.py`, as somebody types it."""

import subprocess
from pathlib import Path

import pytest

from features.people import FaceStore, open_faces
from tests.helpers import ROOT, run_python
from tests.people import made_up, people_folder

SCRIPT = ROOT / "scripts" / "people.py"


def people(store: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return run_python(SCRIPT, "--store", store, *arguments)


@pytest.fixture
def photos() -> Path:
    return people_folder()


def test_somebody_is_enrolled_found_listed_and_deleted(photos: Path, tmp_path: Path) -> None:
    store = tmp_path / "people"
    enrolled = people(store, "enrol", "obama", photos / "obama.jpg", "--i-have-consent")
    assert enrolled.returncode == 0, enrolled.stderr
    found = people(store, "search", photos / "two_people.jpg")
    known, picture, unknown = found.stdout.splitlines()
    assert known.startswith("face 0")
    assert "obama.jpg" in picture
    assert unknown.startswith("face 1") and unknown.endswith("unknown")
    assert people(store, "list").stdout == "obama\t1\n"
    assert people(store, "delete", "obama").returncode == 0
    assert open_faces(store).faces == ()


def test_without_the_flag_nobody_is_enrolled(photos: Path, tmp_path: Path) -> None:
    done = people(tmp_path / "people", "enrol", "obama", photos / "obama.jpg")
    assert done.returncode == 2
    assert "--i-have-consent" in done.stderr
    assert not (tmp_path / "people").exists()


@pytest.mark.parametrize(
    "command", [("list",), ("delete", "ann"), ("search", ROOT / "docs" / "results.webp")]
)
def test_a_folder_that_keeps_no_faces_is_refused_and_none_is_made(
    tmp_path: Path, command: tuple[object, ...]
) -> None:
    (tmp_path / "there").mkdir()
    for store in (tmp_path / "wrong", tmp_path / "there"):
        done = people(store, *command)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"error: no faces are kept in {store}" in done.stderr
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_what_a_picture_showed_that_is_gone_is_deleted_by_its_place(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("lookbook", "lookbook", "ann"))
    done = people(tmp_path, "delete", "lookbook", "--picture", "/1.jpg")
    assert done.stdout.startswith("1 face of lookbook deleted")
    assert [face.location for face in open_faces(tmp_path).faces] == ["/0.jpg", "/2.jpg"]
    refused = people(tmp_path, "delete", "lookbook", "--picture", "/2.jpg")
    assert "there is no picture /2.jpg" in refused.stderr


def test_listing_and_deleting_need_no_network(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann", "bob"))
    listed = people(tmp_path, "list", "ann")
    assert "/0.jpg" in listed.stdout
    assert people(tmp_path, "delete", "ann").stdout.startswith("1 face of ann deleted")
    refused = people(tmp_path, "delete", "ann")
    assert refused.returncode == 2
    assert "No face is kept of 'ann'" in refused.stderr
