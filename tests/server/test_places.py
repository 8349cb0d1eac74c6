"""A store's folder that cannot be one is told at the start, in one line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from features.errors import ConfigError
from server import create_app
from server.config import Settings
from tests.helpers import ROOT

# Whatever may be read by root alone, the packages included, is loaded before.
START = """
import os, sys
os.environ["VISUAL_SEARCH_STORE"], user = sys.argv[1], int(sys.argv[2])
import gunicorn.errors, server
if user:
    os.setgroups([]), os.setgid(user), os.setuid(user)
try:
    import server.wsgi
except gunicorn.errors.AppImportError as error:
    print(error)
"""


def test_a_store_that_is_yet_to_be_made_is_no_mistake(tmp_path: Path) -> None:
    assert create_app(Settings(store=tmp_path / "later" / "store"))


@pytest.mark.parametrize("below", [(), ("store",)])
def test_a_file_in_the_place_of_the_store_is_refused_at_the_start(
    tmp_path: Path, below: tuple[str, ...]
) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError) as refused:
        create_app(Settings(store=file.joinpath(*below)))
    said = str(refused.value)
    assert said.startswith(f"VISUAL_SEARCH_STORE is {file}") and "\n" not in said
    assert "there is a file where a folder should be" in said


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; those of pytest are of its user alone."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("mode", [0o000, 0o600, 0o300])
def test_a_store_that_may_not_be_entered_or_listed_ends_the_start_with_one_line(
    open_folder: Path, mode: int
) -> None:
    nobody = 65534 if os.geteuid() == 0 else 0  # 0: it is not root that runs the tests
    store = open_folder / "store"
    store.mkdir()
    if nobody:
        os.chown(store, nobody, nobody)
    store.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-c", START, store, str(nobody)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    store.chmod(0o700)
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"error: VISUAL_SEARCH_STORE is {store}: user ")
    assert "change its permissions" in line
