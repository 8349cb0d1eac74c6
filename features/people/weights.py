"""Where the face networks are: files of a package that cannot be imported itself any more."""

from importlib.util import find_spec
from pathlib import Path

from features.errors import PeopleUnavailableError

_PACKAGE = "face_recognition_models"  # its __init__ needs pkg_resources, which is gone
_INSTALL = "pip install -r requirements-people.txt"


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
        PeopleUnavailableError: it is not there.
    """
    path = _folder() / name
    if not path.is_file():
        raise PeopleUnavailableError(f"the network {path} is not there: {_INSTALL}")
    return path


def _folder() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PeopleUnavailableError(
            f"finding people needs the package face-recognition-models: {_INSTALL}"
        )
    return Path(spec.submodule_search_locations[0]) / "models"
