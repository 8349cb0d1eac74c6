"""Import jobs: kept in a folder beside the stores, run in a process of their own."""

import logging
import threading
import time
from contextlib import suppress

from flask import current_app

from features.jobs import JobShelf
from features.pictures import Vault
from features.store import StoreSet
from server.config import Settings
from server.services.beside import run_beside

_log = logging.getLogger(__name__)
_FOLDER = "jobs"
_PAUSE_S = 2.0


class Imports:
    """Starts what runs the jobs. Searches do not wait for it: it is another process."""

    def __init__(self, settings: Settings) -> None:
        self.shelf = JobShelf(settings.store / _FOLDER)
        self._settings = settings
        self._trying_again = threading.Lock()

    def sweep(self) -> None:
        """Delete in the background what killed processes left half written."""
        threading.Thread(target=self._sweep, name="sweep-drafts", daemon=True).start()

    def resume(self) -> None:
        """Go on with jobs that a restart interrupted."""
        if any(not job.is_final for job in self.shelf.jobs()):
            self.start()

    def start(self) -> None:
        """Run what is queued, a little later where that cannot be now.

        Where a process does so already, that one goes on with it.
        """
        try:
            run_beside(self._settings, "run_jobs.py", ended=self._ended)
        except (OSError, RuntimeError) as error:  # no memory, process or thread is left
            _log.warning("the import jobs wait for a process: %s", error)
            self._try_again_later()

    def _sweep(self) -> None:
        left = self.shelf.sweep() + Vault(StoreSet(self._settings.store).pictures_folder).sweep()
        if left:
            _log.info("deleted %d files that killed processes had left", left)

    def _try_again_later(self) -> None:
        if self._trying_again.acquire(blocking=False):
            with suppress(RuntimeError):  # no thread either: the next job or start sees to it
                threading.Thread(target=self._try_again, name="jobs-again", daemon=True).start()
                return
            self._trying_again.release()

    def _try_again(self) -> None:
        time.sleep(_PAUSE_S)
        self._trying_again.release()
        self.resume()

    def _ended(self, status: int) -> None:
        if status < 0:  # killed, for its memory perhaps; a job is tried a few times
            time.sleep(_PAUSE_S)
            self.resume()


def current_imports() -> Imports:
    """The running application's import jobs."""
    imports: Imports = current_app.extensions["imports"]
    return imports
