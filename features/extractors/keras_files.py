"""Keras's official weights files: found in its cache folder, else downloaded into it once."""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from features.errors import WeightsUnavailableError
from features.extractors.reaching import reason, require_reachable

_STALL_SECONDS = 30.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OfficialFile:
    """A file that Keras publishes, with the MD5 that Keras itself checks it against."""

    url: str
    md5: str

    @property
    def name(self) -> str:
        """The name it has in Keras's cache folder."""
        return self.url.rsplit("/", 1)[-1]


class _DownloadError(Exception):
    """A download that ended, with something else than the official file."""


def weights_file(network: str, official: Sequence[OfficialFile], given: Path | None) -> Path:
    """The file to load: the given one, else any official one, the first of them by download.

    Raises:
        WeightsUnavailableError: there is no such file here, nor can it be downloaded.
    """
    if given is not None:
        if not given.is_file():
            raise WeightsUnavailableError(
                f"the weights file {given} (--weights) of {network} does not exist; "
                f"name a copy of Keras's {official[0].name}"
            )
        return given
    folder = keras_cache()
    for file in official:
        if (folder / file.name).is_file():
            return folder / file.name
    return _downloaded(network, official[0], folder)


def keras_cache() -> Path:
    """Where Keras keeps the weights that it downloads: KERAS_HOME, else ~/.keras."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def _downloaded(network: str, file: OfficialFile, folder: Path) -> Path:
    try:
        require_reachable(file.url)
        _download(file, folder)
    except (OSError, HTTPException, _DownloadError) as error:
        raise WeightsUnavailableError(
            f"the weights of {network}, {file.name}, are not in {folder} and cannot be "
            f"downloaded from {file.url} ({reason(error)}); "
            "put the file into that folder or name your copy with --weights FILE"
        ) from error
    return folder / file.name


def _download(file: OfficialFile, folder: Path) -> None:
    """Download beside the target and move it there whole: no process ever sees half a file."""
    _log.info("downloading %s into %s", file.url, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as drafts:
        draft = Path(drafts) / file.name
        with (
            urlopen(file.url, timeout=_STALL_SECONDS) as response,  # noqa: S310 - Keras's, https
            draft.open("wb") as target,
        ):
            shutil.copyfileobj(response, target, length=1 << 20)
        if _md5_of(draft) != file.md5:
            raise _DownloadError("what arrived is not the official file")
        draft.replace(folder / file.name)


def _md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
