"""Processes beside the server, for what no request should wait for."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from server.config import Settings

_SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def run_beside(
    settings: Settings, script: str, *arguments: str, ended: Callable[[int], None]
) -> None:
    """Start a script with the server's settings, without the admin key.

    Args:
        ended: told the exit status, in a thread of its own; negative if a signal ended it.
    """
    # Its own session: the end of this worker is no reason to end what others wait for too.
    process = subprocess.Popen(  # noqa: S603 - this project's own scripts, with no shell
        [sys.executable, str(_SCRIPTS / script), *arguments],
        env=replace(settings, admin_key="").to_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=lambda: ended(process.wait()), name=script, daemon=True).start()
