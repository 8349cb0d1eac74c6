"""The server as it is deployed, and what it starts, to be killed at any moment."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from features.closing import Closing
from scripts.bootstrap import ROOT
from scripts.live_server import free_port, is_ready
from scripts.waiting import wait_for

KEY = "a key for one server that is about to die"


class KillableServer(Closing):
    """gunicorn on a port that stays the same, in a process group of its own."""

    def __init__(self, stores: Path, *, workers: int = 2, **settings: str) -> None:
        """Start it and wait until it is ready.

        Raises:
            ServerFailedError: it does not become ready.
        """
        self.address = f"http://127.0.0.1:{free_port()}"
        named = {
            "STORE": str(stores),
            "ADMIN_KEY": KEY,
            "DETECTOR": "none",
            "PHOTOS": str(stores.parent / "photos"),
            "THUMBNAILS": str(stores.parent / "thumbnails"),
            "RATE": "1000000 per second",
            **settings,
        }
        self._environment = os.environ | {f"VISUAL_SEARCH_{k}": v for k, v in named.items()}
        self._workers = workers
        self._masters: list[subprocess.Popen[bytes]] = []
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Another master, on the same port."""
        command = [
            *(sys.executable, "-m", "gunicorn", "server.wsgi:app", "--threads", "4"),
            *("--bind", self.address.removeprefix("http://"), "--workers", str(self._workers)),
        ]
        self._masters.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def wait_until_ready(self) -> None:
        """Until a search would be answered.

        Raises:
            ServerFailedError: it would not, for a minute.
        """
        wait_for("the server to be ready", lambda: is_ready(self.address))

    def workers(self) -> set[int]:
        """The processes that answer: those that the master started itself."""
        master = self._masters[-1].pid
        return {pid for pid, parent in members(master) if parent == master}

    def helpers(self) -> set[int]:
        """The processes that workers have beside them, to decode what is not to be trusted."""
        workers = self.workers()
        return {pid for pid, parent in members(self._masters[-1].pid) if parent in workers}

    def kill_master(self) -> set[int]:
        """SIGKILL; the processes that it leaves behind."""
        left = {pid for pid, _ in members(self._masters[-1].pid)}
        self._masters[-1].kill()
        self._masters[-1].wait()
        return left

    def close(self) -> None:
        """End all that was started here."""
        for master in self._masters:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(master.pid, signal.SIGKILL)
            master.wait()


def members(master: int) -> list[tuple[int, int]]:
    """The other processes of a process group with their parents, zombies apart."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, parent, group = path.read_text().rpartition(")")[2].split()[:3]
            if int(group) == master and state != "Z" and path.parent.name != str(master):
                found.append((int(path.parent.name), int(parent)))
    return found


def runners(stores: Path) -> set[int]:
    """The processes that run the imports of a folder."""
    wanted = f"VISUAL_SEARCH_STORE={stores}".encode()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"run_jobs.py" not in (process / "cmdline").read_bytes():
                continue
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                found.add(int(process.name))
    return found
