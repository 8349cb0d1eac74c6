"""What is not installed is said plainly."""

import importlib.util
from importlib.machinery import ModuleSpec

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
