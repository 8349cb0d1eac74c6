"""The real server in a process of its own, on a free loopback port."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 60


@contextlib.contextmanager
def live_server(workers: int = 1, **settings: str) -> Iterator[str]:
    """Serve with gunicorn until the block ends; yields the address once /readyz says so.

    `settings` are environment variables without their prefix: `STORE="..."`.
    """
    address = f"127.0.0.1:{_free_port()}"
    named = {f"VISUAL_SEARCH_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "gunicorn", "server.wsgi:app", "--bind", address]
    command += ["--workers", str(workers), "--threads", "4", "--no-control-socket"]
    command += ["--log-level", "warning"]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | named)
    try:
        _wait_until_ready(server, f"http://{address}/readyz")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(timeout=_SECONDS)


def _wait_until_ready(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
