"""Indexes of stores that changed under the server: built by a process beside it."""

import subprocess
import sys
import threading
from pathlib import Path

from server.config import Settings

_SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "build_index.py"
_PAUSE_S = 60.0


class IndexBuilds:
    """Starts what builds indexes. Searches do not wait for it, and are exact meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._busy = threading.Lock()

    def start(self) -> None:
        """Build what the stores lack, unless that is under way or was tried a moment ago."""
        if not self._busy.acquire(blocking=False):
            return
        # Its own session: the end of this worker is no reason to begin again in another.
        store, index = str(self._settings.store), self._settings.index
        builder = subprocess.Popen(
            [sys.executable, str(_SCRIPT), store, "--index", index],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=self._watch, args=(builder,), name="index", daemon=True).start()

    def _watch(self, builder: "subprocess.Popen[bytes]") -> None:
        builder.wait()
        threading.Event().wait(_PAUSE_S)
        self._busy.release()
