"""The same people are found in other photos, and strangers are not taken for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import InvalidPictureError, InvalidQueryError
from features.people import DlibFaces, FaceStore, FoundPeople, PeopleSearch, enrol
from tests.helpers import picture
from tests.people import SHOWN

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def search(
    dlib_faces: DlibFaces, photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> PeopleSearch:
    """Every face of every photo is kept, under the name of its photo."""
    folder = tmp_path_factory.mktemp("people")
    with FaceStore(folder) as store:
        for name in SHOWN:
            done = enrol(store, dlib_faces, name, [photos / name], consent=True, everyone=True)
            assert len(done.enrolled) == len(SHOWN[name])
    return PeopleSearch(folder, reader=lambda: dlib_faces)


@pytest.fixture(scope="module")
def found(search: PeopleSearch, photos: Path) -> dict[str, FoundPeople]:
    """What each photo finds."""
    return {name: search.search((photos / name).read_bytes()) for name in SHOWN}


def people(found: dict[str, FoundPeople]) -> Iterator[tuple[str, str, set[str]]]:
    """Each person of each photo, and the photos that were found."""
    for name, answer in found.items():
        for face, person in zip(answer.faces, SHOWN[name], strict=True):
            yield name, person, {Path(match.face.location).name for match in face.matches}


def test_everybody_is_found_in_all_other_photos_and_nobody_else(
    found: dict[str, FoundPeople],
) -> None:
    for name, person, names in people(found):
        assert names == {other for other, shown in SHOWN.items() if person in shown}, (name, person)


def test_the_box_is_that_of_the_same_person(found: dict[str, FoundPeople]) -> None:
    boxes = {
        (name, person): face.box
        for name, answer in found.items()
        for face, person in zip(answer.faces, SHOWN[name], strict=True)
    }
    for name, person in boxes:
        for match in found[name].faces[SHOWN[name].index(person)].matches:
            assert match.face.box == boxes[Path(match.face.location).name, person]


def test_matches_come_nearest_first_and_the_photo_itself_is_at_no_distance(
    found: dict[str, FoundPeople],
) -> None:
    for name, answer in found.items():
        for face in answer.faces:
            distances = [match.distance for match in face.matches]
            assert distances == sorted(distances)
            assert distances[0] == 0
            assert Path(face.matches[0].face.location).name == name


def test_a_stranger_is_unknown(dlib_faces: DlibFaces, photos: Path, tmp_path: Path) -> None:
    with FaceStore(tmp_path) as store:
        paths = [photos / name for name, shown in SHOWN.items() if shown == ["obama"]]
        enrol(store, dlib_faces, "obama", paths, consent=True)
    search = PeopleSearch(tmp_path, reader=lambda: dlib_faces)
    (face,) = search.search((photos / "alex-lacamoire.png").read_bytes()).faces
    assert face.matches == ()


def test_one_face_of_several_is_chosen(search: PeopleSearch, photos: Path) -> None:
    photo = (photos / "two_people.jpg").read_bytes()
    (face,) = search.search(photo, face=1).faces
    assert face.number == 1
    assert {Path(match.face.location).name for match in face.matches} >= {"biden.jpg"}


@pytest.mark.parametrize("face", [-1, 2])
def test_a_face_that_the_photo_does_not_have_is_refused(
    search: PeopleSearch, photos: Path, face: int
) -> None:
    with pytest.raises(InvalidQueryError, match="0 to 1"):
        search.search((photos / "two_people.jpg").read_bytes(), face=face)


def test_no_more_pictures_are_told_than_asked_for(search: PeopleSearch, photos: Path) -> None:
    (face,) = search.search((photos / "obama.jpg").read_bytes(), limit=2).faces
    assert len(face.matches) == 2


def test_a_picture_without_people_has_no_faces(search: PeopleSearch) -> None:
    assert search.search(picture(1)).faces == ()
    with pytest.raises(InvalidQueryError, match="no faces"):
        search.search(picture(1), face=0)


def test_what_is_no_picture_is_refused(search: PeopleSearch) -> None:
    with pytest.raises(InvalidPictureError):
        search.search(b"a face")


def test_a_stricter_threshold_finds_less(
    search: PeopleSearch, dlib_faces: DlibFaces, photos: Path
) -> None:
    strict = PeopleSearch(search.folder, threshold=0.2, reader=lambda: dlib_faces)
    (face,) = strict.search((photos / "obama.jpg").read_bytes()).faces
    assert [Path(match.face.location).name for match in face.matches] == ["obama.jpg"]
