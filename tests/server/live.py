"""Talking to a live server, and ending what it has started."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.serve import multipart
from scripts.live_server import HTTP
from tests.server.conftest import KEY


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    json: Any
    headers: Any


def call(address: str, method: str, path: str, form: Any = None, **files: bytes) -> Answer:
    """A request as the admin, over a connection of its own: any worker may answer it."""
    kind, body = multipart(form or {}, files) if form is not None or files else ("", None)
    headers = {"Authorization": f"Bearer {KEY}", "Connection": "close", "Content-Type": kind}
    request = urllib.request.Request(f"{address}/api/v1{path}", body, headers, method=method)
    try:
        with HTTP.open(request, timeout=60) as answer:
            return Answer(answer.status, json.load(answer), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, json.load(error), error.headers)


def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What the condition says once it is true."""
    end = time.monotonic() + seconds
    while not (said := condition()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)
    return said


def runners(store: Path) -> list[int]:
    """The processes that run the jobs of a store."""
    wanted = f"VISUAL_SEARCH_STORE={store}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if b"run_jobs.py" in command and wanted in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


def end_runners(store: Path) -> None:
    """Kill them, as a machine does that goes down."""
    while found := runners(store):
        for pid in found:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.05)
