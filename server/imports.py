"""Import jobs: kept in a folder beside the stores, run in a process of their own."""

import time

from flask import current_app

from features.jobs import JobShelf
from server.beside import run_beside
from server.config import Settings

_FOLDER = "jobs"
_PAUSE_S = 2.0


class Imports:
    """Starts what runs the jobs. Searches do not wait for it: it is another process."""

    def __init__(self, settings: Settings) -> None:
        self.shelf = JobShelf(settings.store / _FOLDER)
        self._settings = settings

    def resume(self) -> None:
        """Go on with jobs that a restart interrupted."""
        if any(not job.is_final for job in self.shelf.jobs()):
            self.start()

    def start(self) -> None:
        """Run what is queued. Where a process does so already, that one goes on with it."""
        run_beside(self._settings, "run_jobs.py", ended=self._ended)

    def _ended(self, status: int) -> None:
        if status < 0:  # killed, for its memory perhaps; a job is tried a few times
            time.sleep(_PAUSE_S)
            self.resume()


def current_imports() -> Imports:
    """The running application's import jobs."""
    imports: Imports = current_app.extensions["imports"]
    return imports
