"""Who is kept: nobody without consent, and nobody by mistake."""

from pathlib import Path

import pytest

from features.errors import EnrolmentError
from features.people import DlibFaces, FaceStore, enrol
from tests.helpers import picture


def test_nobody_is_kept_without_consent(
    dlib_faces: DlibFaces, photos: Path, tmp_path: Path
) -> None:
    with FaceStore(tmp_path) as store:
        with pytest.raises(EnrolmentError, match="--i-have-consent"):
            enrol(store, dlib_faces, "obama", [photos / "obama.jpg"])
        assert store.gallery.faces == ()


@pytest.mark.parametrize("subject", ["", " ann", "a/b", "ann\n", "search", "x" * 101])
def test_a_name_that_no_address_could_hold_is_refused(
    dlib_faces: DlibFaces, tmp_path: Path, subject: str
) -> None:
    with FaceStore(tmp_path) as store, pytest.raises(EnrolmentError, match="cannot be a subject"):
        enrol(store, dlib_faces, subject, [], consent=True)


def test_of_two_people_one_has_to_be_chosen(
    dlib_faces: DlibFaces, photos: Path, tmp_path: Path
) -> None:
    pictures = [photos / "two_people.jpg"]
    with FaceStore(tmp_path) as store:
        done = enrol(store, dlib_faces, "biden", pictures, consent=True)
        assert done.enrolled == ()
        assert "shows 2 faces" in done.failed[0][1]
        (kept,) = enrol(store, dlib_faces, "biden", pictures, consent=True, face=1).enrolled
        assert kept.box.centre[0] > 0.5
        assert list(store.gallery.faces) == [kept]


def test_a_group_that_agreed_is_kept_with_all_its_faces(
    dlib_faces: DlibFaces, photos: Path, tmp_path: Path
) -> None:
    pictures = [photos / "two_people.jpg"]
    with FaceStore(tmp_path) as store:
        done = enrol(store, dlib_faces, "lookbook 2026", pictures, consent=True, everyone=True)
        assert len(done.enrolled) == 2
        assert store.delete("lookbook 2026") == 2


def test_what_cannot_be_used_is_named_and_the_rest_is_kept(
    dlib_faces: DlibFaces, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.png").write_bytes(picture(1))
    (tmp_path / "text.jpg").write_text("a face")
    pictures = [*sorted(tmp_path.glob("*.*")), tmp_path / "gone.jpg", photos / "obama.jpg"]
    with FaceStore(tmp_path / "people") as store:
        done = enrol(store, dlib_faces, "obama", pictures, consent=True)
    assert [path.name for path, _ in done.failed] == ["empty.png", "text.jpg", "gone.jpg"]
    assert "no face" in done.failed[0][1]
    (kept,) = done.enrolled
    assert kept.location == str((photos / "obama.jpg").resolve())
    assert kept.enrolled.endswith("+00:00")


def test_a_face_that_a_picture_does_not_have_is_named(
    dlib_faces: DlibFaces, photos: Path, tmp_path: Path
) -> None:
    with FaceStore(tmp_path) as store:
        done = enrol(store, dlib_faces, "x", [photos / "obama.jpg"], consent=True, face=1)
    assert "no face 1" in done.failed[0][1]
