"""Import jobs: kept in a folder beside the stores, run in a process of their own."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from flask import current_app

from features.jobs import JobShelf
from server.config import Settings

_SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "run_jobs.py"
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
        # Its own session: the end of this worker is no reason to end an import.
        runner = subprocess.Popen(
            [sys.executable, str(_SCRIPT)],
            env=replace(self._settings, admin_key="").to_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=self._watch, args=(runner,), name="import", daemon=True).start()

    def _watch(self, runner: "subprocess.Popen[bytes]") -> None:
        if runner.wait() < 0:  # killed, for its memory perhaps; a job is tried a few times
            time.sleep(_PAUSE_S)
            self.resume()


def current_imports() -> Imports:
    """The running application's import jobs."""
    imports: Imports = current_app.extensions["imports"]
    return imports
