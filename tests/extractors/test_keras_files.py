"""Weights files are found in Keras's cache, downloaded once, or missed quickly and clearly."""

import dataclasses
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import DependencyMissingError, WeightsUnavailableError
from features.extractors import reaching
from features.extractors.keras_files import OfficialFile, keras_cache, weights_file
from features.extractors.keras_networks import NETWORKS
from features.extractors.registry import load_extractor
from scripts.live_server import free_port
from tests.features.pictures.web import Reply, Request, reply, serving

CONTENT = b"stands for half a gigabyte of weights"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder in the place of the user's, which does not exist yet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "keras" / "models"


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nothing listens on."""
    return free_port()


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a web server on this machine that serves one file as `/weights.h5`."""

    def answer(request: Request) -> Reply:
        there = request.path == "/weights.h5"
        return reply(200, CONTENT) if there else reply(404)

    with serving(answer) as web:
        yield web.url("")


@pytest.mark.parametrize("name", ["vgg16", "vgg16_fc1", "resnet50"])
def test_missing_weights_are_reported_quickly_with_file_folder_and_option(
    name: str, cache: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = NETWORKS[name]
    files = tuple(
        dataclasses.replace(file, url=f"http://127.0.0.1:{closed_port}/{file.name}")
        for file in used.files
    )
    monkeypatch.setitem(NETWORKS, name, dataclasses.replace(used, files=files))
    started = time.monotonic()
    with pytest.raises(WeightsUnavailableError) as missing:
        load_extractor(name)
    assert time.monotonic() - started < 8
    message = str(missing.value)
    assert used.files[0].name in message
    assert str(cache) in message
    assert "--weights" in message
    assert "Connection refused" in message
    assert "\n" not in message


def test_a_host_that_never_answers_is_given_up(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> None:
        released.wait(20)
        raise OSError("released")

    monkeypatch.setattr(reaching, "urlopen", hang)
    monkeypatch.setattr(reaching, "_REACH_SECONDS", 0.2)
    with pytest.raises(WeightsUnavailableError, match=r"no answer from example\.org within 0\.2 s"):
        weights_file("vgg16", [OfficialFile("https://example.org/weights.h5", MD5)], None)
    released.set()
    assert not cache.exists()


def test_a_given_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "absent.h5"
    with pytest.raises(WeightsUnavailableError, match=str(absent)) as missing:
        load_extractor("vgg16", absent)
    assert "vgg16_weights_tf_dim_ordering_tf_kernels.h5" in str(missing.value)


def test_a_folder_is_not_a_weights_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailableError):
        load_extractor("resnet50", tmp_path)


def test_a_file_in_the_cache_is_used_without_the_network(cache: Path, closed_port: int) -> None:
    cache.mkdir(parents=True)
    (cache / "weights_notop.h5").write_bytes(CONTENT)
    address = f"http://127.0.0.1:{closed_port}"
    official = [
        OfficialFile(f"{address}/weights.h5", MD5),
        OfficialFile(f"{address}/weights_notop.h5", MD5),
    ]
    assert weights_file("resnet50", official, None) == cache / "weights_notop.h5"


def test_a_download_lands_in_the_cache(cache: Path, server: str) -> None:
    file = weights_file("vgg16", [OfficialFile(f"{server}/weights.h5", MD5)], None)
    assert file == cache / "weights.h5"
    assert file.read_bytes() == CONTENT
    assert list(cache.iterdir()) == [file]


def test_a_damaged_download_is_dropped(cache: Path, server: str) -> None:
    with pytest.raises(WeightsUnavailableError, match="not the official file"):
        weights_file("vgg16", [OfficialFile(f"{server}/weights.h5", "0" * 32)], None)
    assert not list(cache.iterdir())


def test_a_file_that_the_server_does_not_have_is_reported(cache: Path, server: str) -> None:
    with pytest.raises(WeightsUnavailableError, match="HTTP status 404"):
        weights_file("vgg16", [OfficialFile(f"{server}/moved.h5", MD5)], None)
    assert not cache.exists()


def test_a_cache_folder_that_cannot_be_made_is_reported(
    cache: Path, server: str, tmp_path: Path
) -> None:
    (tmp_path / "keras").write_text("a file where the folder should be")
    with pytest.raises(WeightsUnavailableError, match=str(cache)):
        weights_file("vgg16", [OfficialFile(f"{server}/weights.h5", MD5)], None)


def test_the_cache_folder_is_in_the_home_folder_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    assert keras_cache() == Path.home() / ".keras" / "models"


@pytest.mark.parametrize("package", ["keras", "tensorflow", "h5py"])
def test_a_package_that_is_not_installed_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DependencyMissingError, match=f"{package} is not .*pip install"):
        load_extractor("resnet50", tmp_path)


def test_importing_the_adapter_imports_neither_keras_nor_tensorflow() -> None:
    code = (
        "import sys, features.extractors.keras_networks; "
        "sys.exit(bool({'keras', 'tensorflow', 'h5py'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
