"""Image-text models come from a folder, from the hub's cache, or from the hub itself, once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from features.errors import WeightsUnavailableError
from features.extractors import load_extractor
from features.extractors.published import MODELS
from scripts.live_server import free_port
from tests.features.pictures.web import Reply, Request, Web, reply, serving
from tests.helpers import run_python
from tests.tiny_models import clip_folder

constants = pytest.importorskip("huggingface_hub.constants", reason="it is not installed")

NAME = "clip_vit_b32"
REPOSITORY = MODELS[NAME].repository
OTHER = "model.safetensors"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder in the place of the user's."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return clip_folder(tmp_path / "published")


@pytest.fixture
def web(model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A hub of one model, which is the one that is asked."""
    files = {str(path.relative_to(model)): path for path in model.rglob("*") if path.is_file()}
    about = {"id": REPOSITORY, "sha": COMMIT}
    listed = [{"type": "file", "path": name, "size": 1, "oid": COMMIT} for name in [*files, OTHER]]

    def answer(request: Request) -> Reply:
        path = unquote(request.path.partition("?")[0])
        if path.startswith(f"/api/models/{REPOSITORY}"):
            said = listed if "/tree/" in path else about
            return reply(body=json.dumps(said).encode(), close=True)
        for name, file in files.items():
            if path.endswith(f"/{name}"):
                return reply(
                    body=file.read_bytes(), close=True, ETag=f'"{name}"', X_Repo_Commit=COMMIT
                )
        return reply(404, close=True)

    with serving(answer) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url("").rstrip("/"))
        yield running


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a hub that does not answer."""
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("HF_ENDPOINT", address)
    return address


def test_a_model_is_downloaded_once(web: Web, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_extractor(NAME)
    assert first.spec == load_extractor(NAME, model).spec
    assert not [request for request in web.requests if OTHER in request.path]
    asked = len(web.requests)
    assert load_extractor(NAME).spec == first.spec
    assert len(web.requests) == asked


def test_a_hub_that_is_not_there_is_reported_quickly_with_the_way_out(nobody: str) -> None:
    started = time.monotonic()
    with pytest.raises(WeightsUnavailableError) as missing:
        load_extractor(NAME)
    assert time.monotonic() - started < 8
    message = str(missing.value)
    for part in (REPOSITORY, nobody, "Connection refused", "--weights FOLDER"):
        assert part in message
    assert "\n" not in message


def test_a_model_that_the_hub_does_not_have_is_reported(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsUnavailableError, match="HTTP status 404"):
        load_extractor("uform3_english_small")


def test_half_a_model_in_the_cache_is_not_used(web: Web, cache: Path) -> None:
    load_extractor(NAME)
    for pointer in cache.rglob("text_model.onnx"):
        pointer.unlink()
    asked = len(web.requests)
    load_extractor(NAME)
    assert len(web.requests) > asked


def test_a_given_folder_is_used_without_the_hub(model: Path, nobody: str) -> None:
    assert load_extractor(NAME, model).spec.name == NAME


@pytest.mark.parametrize("file", MODELS[NAME].layout.files)
def test_a_file_that_a_given_folder_lacks_is_named(model: Path, file: str) -> None:
    (model / file).unlink()
    with pytest.raises(WeightsUnavailableError, match=file) as missing:
        load_extractor(NAME, model)
    assert MODELS[NAME].address in str(missing.value)


@pytest.mark.parametrize("name", ["absent", "published/tokenizer.json"])
def test_weights_that_are_no_folder_are_refused(model: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsUnavailableError, match="are a folder"):
        load_extractor(NAME, tmp_path / name)


LOAD = """
import sys
from pathlib import Path
sys.modules[sys.argv[1]] = None
from features.extractors import load_extractor
from features.errors import DependencyMissingError
try:
    load_extractor("clip_vit_b32", Path(sys.argv[2]) if len(sys.argv) > 2 else None)
except DependencyMissingError as error:
    print(error)
"""


@pytest.mark.parametrize("package", ["tokenizers", "huggingface_hub"])
def test_a_missing_package_is_named_with_the_file_that_lists_it(package: str, model: Path) -> None:
    given = [model] if package == "tokenizers" else []
    done = run_python("-c", LOAD, package, *given)
    assert "pip install -r requirements-text.txt" in done.stdout, done.stderr
    assert package.replace("_", "-") in done.stdout
