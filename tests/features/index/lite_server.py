"""Milvus Lite as a server process of its own, which can be killed, stopped and started anew."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from features.closing import Closing


class LiteServer(Closing):
    """Serves a folder on a port of 127.0.0.1 that stays the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once somebody listens."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "milvus_lite", "server", "--host", "127.0.0.1"),
                *("--data-dir", str(self.folder), "--port", str(self.port)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not start")

    def kill(self) -> None:
        """It gets no chance to finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()

    def hang(self) -> None:
        """It keeps its connections and answers nothing."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is None:
            raise AssertionError("the server does not run")
        self._process.send_signal(number)
