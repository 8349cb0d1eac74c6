"""The faces that are kept, and that are gone once they are deleted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import StoreCorruptError, StoreLockedError, UnknownSubjectError
from features.people import FaceStore, PeopleSearch, open_faces
from features.types import Box
from tests.people import made_up


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_a_folder_that_is_not_there_keeps_nobody(tmp_path: Path) -> None:
    assert open_faces(tmp_path / "none").faces == ()
    assert not (tmp_path / "none").exists()


def test_faces_come_back_as_they_were_kept(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "ann", 'bob, the "model"\n')
    with FaceStore(tmp_path) as store:
        store.add(faces, vectors)
    gallery = open_faces(tmp_path)
    assert list(gallery.faces) == faces
    assert np.array_equal(gallery.vectors, vectors)
    assert gallery.subjects() == {"ann": 2, faces[2].subject: 1}


def test_the_files_open_without_this_program(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "bob")
    with FaceStore(tmp_path) as store:
        store.add(faces, vectors)
    assert np.array_equal(np.load(tmp_path / "faces-000001.npy"), vectors)
    table = (tmp_path / "faces-000001.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "subject,location,content_hash,x1,y1,x2,y2,enrolled"
    assert table[1].startswith("ann,/0.jpg,")


def test_only_the_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    with FaceStore(tmp_path / "people") as store:
        assert store.folder.stat().st_mode & 0o777 == 0o700


def test_a_deleted_subject_is_in_no_file_any_more(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "bob", "ann")
    with FaceStore(tmp_path) as store:
        store.add(faces, vectors)
        assert store.delete("ann") == 2
    assert files(tmp_path) == {"people.json", "faces-000002.npy", "faces-000002.csv"}
    assert np.array_equal(np.load(tmp_path / "faces-000002.npy"), vectors[1:2])
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ann" not in everything
    assert vectors[0].tobytes() not in everything
    assert open_faces(tmp_path).subjects() == {"bob": 1}


def test_a_face_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "bob")
    with FaceStore(tmp_path) as store:
        for _ in range(2):
            store.add([*faces, faces[0]], np.concatenate([vectors, vectors[:1]]))
            assert store.gallery.subjects() == {"ann": 1, "bob": 1}
        assert store.gallery.vectors.shape == vectors.shape


def test_what_one_picture_shows_of_a_subject_is_deleted_alone(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "ann", "bob")
    with FaceStore(tmp_path) as store:
        store.add(faces, vectors)
        assert store.delete("ann", faces[1].content_hash) == 1
        assert store.gallery.of("ann") == [faces[0]]
        with pytest.raises(UnknownSubjectError, match="that picture"):
            store.delete("ann", faces[2].content_hash)


def test_nobody_unknown_is_deleted(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store, pytest.raises(UnknownSubjectError, match="'eve'"):
        store.delete("eve")


def test_the_last_face_can_be_deleted_too(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
        store.delete("ann")
    assert open_faces(tmp_path).vectors.shape == (0, 128)


def test_the_same_face_again_replaces_the_one_before(tmp_path: Path) -> None:
    faces, vectors = made_up("ann", "bob")
    later = replace(faces[0], enrolled="2026-02-02")
    other = replace(faces[0], box=Box(0.5, 0, 1, 0.5))
    with FaceStore(tmp_path) as store:
        store.add(faces, vectors)
        store.add([later, other], vectors[:2])
        assert store.gallery.faces == (faces[1], later, other)


def test_what_an_interrupted_change_left_is_swept_away(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
    (tmp_path / "faces-000002.npy").write_bytes(b"half a file")
    (tmp_path / "people.json.draft").write_bytes(b"{")
    (tmp_path / "notes.txt").write_text("not ours")
    FaceStore(tmp_path).close()
    assert files(tmp_path) == {"people.json", "faces-000001.npy", "faces-000001.csv", "notes.txt"}


def test_a_second_writer_is_told_who_is_at_work(tmp_path: Path) -> None:
    with (
        FaceStore(tmp_path, purpose="enrolling ann"),
        pytest.raises(StoreLockedError, match="enrolling ann"),
    ):
        FaceStore(tmp_path)


@pytest.mark.parametrize("name", ["people.json", "faces-000001.npy", "faces-000001.csv"])
def test_damage_is_found_and_named(tmp_path: Path, name: str) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-7])
    with pytest.raises(StoreCorruptError, match="restore"):
        open_faces(tmp_path)


@pytest.mark.parametrize("name", ["faces-000001.npy", "faces-000001.csv"])
def test_a_missing_file_is_damage(tmp_path: Path, name: str) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
    (tmp_path / name).unlink()
    with pytest.raises(StoreCorruptError):
        open_faces(tmp_path)


def test_faces_of_another_network_are_refused(tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
    manifest = tmp_path / "people.json"
    manifest.write_text(manifest.read_text().replace("resnet_model_v1", "resnet_model_v2"))
    with pytest.raises(StoreCorruptError, match="resnet_model_v2"):
        open_faces(tmp_path)


def test_a_search_that_runs_already_sees_every_change(tmp_path: Path) -> None:
    search = PeopleSearch(tmp_path)
    assert search.gallery.faces == ()
    with FaceStore(tmp_path) as store:
        store.add(*made_up("ann"))
        assert search.gallery.subjects() == {"ann": 1}
        store.delete("ann")
    assert search.gallery.subjects() == {}
