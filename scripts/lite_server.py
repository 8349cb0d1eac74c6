"""Milvus Lite as a server process of its own, which can be killed, stopped and started anew."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from features.closing import Closing
from scripts.live_server import ServerFailedError, free_port
from scripts.waiting import wait_for

_START_WITHIN_S = 30.0


class LiteServer(Closing):
    """Serves a folder on a port of 127.0.0.1 that stays the same."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once somebody listens.

        Raises:
            ServerFailedError: nobody does for half a minute.
        """
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"),
                *("--data-dir", str(self.folder), "--port", str(self.port)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for("Milvus Lite to start", self._listens, _START_WITHIN_S)

    def kill(self) -> None:
        """It gets no chance to finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End it."""
        self.kill()

    def hang(self) -> None:
        """It keeps its connections and answers nothing."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again."""
        self._send(signal.SIGCONT)

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0

    def _send(self, number: signal.Signals) -> None:
        if self._process is None:
            raise ServerFailedError("Milvus Lite does not run")
        self._process.send_signal(number)
