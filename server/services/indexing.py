"""Indexes of stores that changed under the server: built by a process beside it."""

import logging
import threading
import time

from features.index.milvus import MILVUS
from server.config import Settings
from server.services.beside import run_beside

_log = logging.getLogger(__name__)
_PAUSE_S = 60.0


class IndexBuilds:
    """Starts what builds indexes. Searches do not wait for it, and are exact meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._busy = threading.Lock()

    def start(self) -> None:
        """Build what the stores lack, unless that is under way or was tried a moment ago."""
        if self._busy.acquire(blocking=False):
            try:
                self._run()
            except (OSError, RuntimeError) as error:  # no memory, process or thread is left
                _log.warning("no index is built for now: %s", error)
                self._busy.release()

    def _run(self) -> None:
        store, index = str(self._settings.store), self._settings.index
        if index == MILVUS:  # it has its own; what is lacking is the index of words
            index = "exact"
        run_beside(self._settings, "build_index.py", store, "--index", index, ended=self._ended)

    def _ended(self, status: int) -> None:
        time.sleep(_PAUSE_S)
        self._busy.release()
