"""Where the face networks are: files of a package that cannot be imported itself any more."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from features.errors import PeopleUnavailableError

_PACKAGE = "face_recognition_models"  # its __init__ needs pkg_resources, which is gone
_INSTALL = "pip install -r requirements-people.txt"
# As Davis King published them.
_SHA256 = {
    "dlib_face_recognition_resnet_model_v1.dat": (
        "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
    ),
    "shape_predictor_5_face_landmarks.dat": (
        "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
    ),
}


def check_installed() -> None:
    """Look whether faces can be read here; nothing is loaded.

    Raises:
        PeopleUnavailableError: a package is missing; the message says how to install it.
    """
    if find_spec("dlib") is None:
        raise PeopleUnavailableError(f"finding people needs the package dlib-bin: {_INSTALL}")
    _folder()


def weights_file(name: str) -> Path:
    """A file of the installed networks.

    Raises:
        PeopleUnavailableError: it is not there, or not the one that was published.
    """
    path = _folder() / name
    if not path.is_file():
        raise PeopleUnavailableError(f"the network {path} is not there: {_INSTALL}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _SHA256.get(name):
            raise PeopleUnavailableError(
                f"the network {path} is not the one that was published: "
                f"{_INSTALL} --force-reinstall"
            )
    return path


def _folder() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PeopleUnavailableError(
            f"finding people needs the package face-recognition-models: {_INSTALL}"
        )
    return Path(spec.submodule_search_locations[0]) / "models"
