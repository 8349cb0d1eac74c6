"""The real server in a process of its own on a free loopback port: for tests and measurements."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import BinaryIO

from features.errors import VisualSearchError
from scripts.bootstrap import ROOT

_READY_PATH = "/readyz"
_LOG_BYTES = 8_000
_STOP_WITHIN_S = 30.0
_NO_RATE = {"RATE": "1000000 per second", "KEY_RATE": "1000000 per second"}

# Proxies of the environment are for other machines, not for the loopback address.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerFailedError(VisualSearchError):
    """The server did not start or did not answer."""

    code = "server_failed"


@dataclass(frozen=True)
class LiveServer:
    """A server that is ready: where it is, and the seconds from its start until then."""

    address: str
    ready_s: float
    pid: int
    """Of the process that all workers belong to."""
    _log: BinaryIO

    def last_said(self) -> str:
        """The end of its log."""
        return _end_of(self._log)


@contextmanager
def live_server(
    *,
    workers: int | None = 1,
    threads: int | None = 4,
    ready_within_s: float = 120.0,
    **settings: str,
) -> Iterator[LiveServer]:
    """Serve with gunicorn until the block ends.

    `settings` are environment variables without their prefix: `STORE="..."`.

    Args:
        workers: processes; None leaves it to `gunicorn.conf.py`, as None of `threads` does.

    Raises:
        ServerFailedError: the server ended or did not become ready; with the end of its log.
    """
    named = {f"VISUAL_SEARCH_{name}": value for name, value in (_NO_RATE | settings).items()}
    options = [] if workers is None else ["--workers", str(workers)]
    options += [] if threads is None else ["--threads", str(threads)]
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        server, address = _started(options, os.environ | named, log)
        try:
            if not _becomes_ready(server, address, ready_within_s):
                raise ServerFailedError(f"the server did not get ready:\n{_end_of(log)}")
            yield LiveServer(address, time.perf_counter() - started, server.pid, log)
        finally:
            _stop(server)


def _started(
    options: list[str], environment: dict[str, str], log: BinaryIO
) -> tuple["subprocess.Popen[bytes]", str]:
    """The process, and its address; it is handed the socket, so nobody else can take the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "server.wsgi:app", "--bind", f"fd://{number}"]
        server = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            pass_fds=[number],
        )
    return server, f"http://127.0.0.1:{port}"


def _end_of(log: BinaryIO) -> str:
    """Nothing is sought in the file: the server goes on writing where that would lead."""
    length = os.fstat(log.fileno()).st_size
    end = os.pread(log.fileno(), _LOG_BYTES, max(0, length - _LOG_BYTES))
    return end.decode(errors="replace").strip()


def _becomes_ready(server: "subprocess.Popen[bytes]", address: str, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while server.poll() is None and time.monotonic() < until:
        if is_ready(address):
            return True
        time.sleep(0.02)
    return False


def is_ready(address: str) -> bool:
    """Whether a search would be answered there."""
    try:
        with HTTP.open(address + _READY_PATH, timeout=10):
            return True
    except urllib.error.HTTPError as loading:
        loading.close()
    except (OSError, HTTPException):  # refused before it listens, or cut off
        pass
    return False


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
