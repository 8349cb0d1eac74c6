"""Where YOLO weights are: a path, or a well-known name that Ultralytics downloads once."""

import threading
from pathlib import Path

from features.cache import cache_dir
from features.errors import DetectorUnavailableError

_SECONDS = 20.0


def find_weights(weights: Path, seconds: float = _SECONDS) -> Path:
    """The weights as a path that exists; a plain name is looked for in the cache, then downloaded.

    Raises:
        DetectorUnavailableError: it is nowhere, and cannot be downloaded within the time.
    """
    if weights.exists():
        return weights
    kept = cache_dir() / "detectors" / weights.name
    if kept.exists():
        return kept
    if weights.name == str(weights):
        _download(kept, seconds)
    if kept.exists():
        return kept
    raise DetectorUnavailableError(
        f"the detector's weights {weights} are not there, nor {kept}, and could not be "
        "downloaded; set VISUAL_SEARCH_DETECTOR_WEIGHTS to a file or an exported folder"
    )


def _download(target: Path, seconds: float) -> None:
    """Ultralytics' own download, once; a network that answers nothing is given up after a while."""

    def attempt() -> None:
        try:
            from ultralytics.utils.downloads import attempt_download_asset

            target.parent.mkdir(parents=True, exist_ok=True)
            attempt_download_asset(target)
        except Exception:  # noqa: BLE001 - whatever went wrong, the file is not there
            target.unlink(missing_ok=True)

    thread = threading.Thread(target=attempt, name="download", daemon=True)
    thread.start()
    thread.join(seconds)
