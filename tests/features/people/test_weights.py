"""What is not installed is said plainly."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from features.errors import PeopleUnavailableError
from features.people import DlibFaces, check_installed


@pytest.mark.parametrize("package", ["dlib", "face_recognition_models"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    def found(name: str) -> ModuleSpec | None:
        return None if name == package else importlib.util.find_spec("json")

    monkeypatch.setattr("features.people.weights.find_spec", found)
    for attempt in (check_installed, DlibFaces):
        with pytest.raises(PeopleUnavailableError, match=r"requirements-people\.txt"):
            attempt()


def test_networks_that_the_package_does_not_hold_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from features.people.weights import weights_file

    elsewhere = importlib.util.find_spec("json")
    monkeypatch.setattr("features.people.weights.find_spec", lambda _: elsewhere)
    with pytest.raises(PeopleUnavailableError, match=r"five\.dat"):
        weights_file("five.dat")


def test_another_file_in_the_place_of_a_network_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from features.people.weights import weights_file

    name = "shape_predictor_5_face_landmarks.dat"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / name).write_bytes(b"another network")
    package = ModuleSpec("models", None, is_package=True)
    package.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr("features.people.weights.find_spec", lambda _: package)
    with pytest.raises(PeopleUnavailableError, match="not the one that was published"):
        weights_file(name)
