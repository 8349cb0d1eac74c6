"""Published models: found in the Hugging Face hub's cache folder, else downloaded into it once."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from features.errors import DependencyMissingError, WeightsUnavailableError
from features.extractors.published import Published
from features.extractors.reaching import reason, require_reachable

_HUB = "https://huggingface.co"
_log = logging.getLogger(__name__)


def model_folder(name: str, model: Published, given: Path | None) -> Path:
    """The folder with a model's files: the given one, else the hub's, by download if need be.

    Raises:
        WeightsUnavailableError: the files are not here, nor can they be downloaded.
        DependencyMissingError: a package that downloads is not installed.
    """
    files = model.layout.files
    if given is not None:
        _require_files(name, model, given)
        return given
    folder = _cached(model.repository, files)
    return _downloaded(name, model, files) if folder is None else folder


def _require_files(name: str, model: Published, folder: Path) -> None:
    if not folder.is_dir():
        raise WeightsUnavailableError(
            f"the weights of {name} are a folder, and {folder} (--weights) is none; "
            f"name a copy of {model.address}"
        )
    for file in model.layout.files:
        if not (folder / file).is_file():
            raise WeightsUnavailableError(
                f"the file {folder / file} of {name} does not exist; "
                f"name a whole copy of {model.address}"
            )


def _cached(repository: str, files: Sequence[str]) -> Path | None:
    """The folder of the newest version that is here, whole; the network is not asked."""
    hub = _package()
    found = [hub.try_to_load_from_cache(repository, file) for file in files]
    paths = [Path(path) for path in found if isinstance(path, str)]
    if len(paths) < len(files):
        return None
    return Path(str(paths[0]).removesuffix(files[0]))


def _downloaded(name: str, model: Published, files: Sequence[str]) -> Path:
    hub = _package()
    endpoint = os.environ.get("HF_ENDPOINT") or _HUB
    _log.info("downloading %s from %s", model.repository, endpoint)
    try:
        require_reachable(f"{endpoint}/{model.repository}/resolve/main/{files[-1]}")
        folder = hub.snapshot_download(
            model.repository, allow_patterns=list(files), endpoint=endpoint
        )
    except Exception as error:  # the hub raises what its own HTTP client does
        raise WeightsUnavailableError(
            f"the weights of {name}, {model.repository}, are not in the hub's cache folder and "
            f"cannot be downloaded from {endpoint} ({reason(error)}); fetch {model.address} on a "
            "machine that can, and name the folder with --weights FOLDER"
        ) from error
    _require_files(name, model, Path(folder))
    return Path(folder)


def _package() -> ModuleType:
    try:
        import huggingface_hub
        from huggingface_hub.utils import disable_progress_bars
    except ImportError as error:
        raise DependencyMissingError(
            "downloading image-text models needs the package huggingface-hub: "
            "pip install -r requirements-text.txt"
        ) from error
    disable_progress_bars()
    module: ModuleType = huggingface_hub
    return module
