"""Where YOLO weights are: a path, or a well-known name that Ultralytics downloads once."""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from features.cache import cache_dir
from features.errors import DetectorUnavailableError
from features.telemetry import keep_ultralytics_quiet

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
        keep_ultralytics_quiet()
        # Whatever goes wrong, the file is then not there, which the caller looks at.
        with suppress(Exception):
            from ultralytics.utils.downloads import attempt_download_asset

            target.parent.mkdir(parents=True, exist_ok=True)
            # Beside the target and moved there whole: a download given up leaves no half a file.
            with tempfile.TemporaryDirectory(prefix=".", dir=target.parent) as folder:
                draft = Path(folder) / target.name
                attempt_download_asset(draft)
                draft.replace(target)

    thread = threading.Thread(target=attempt, name="download", daemon=True)
    thread.start()
    thread.join(seconds)
