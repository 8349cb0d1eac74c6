"""Talking to a live server, and ending what it has started."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request

from scripts.asking import Answer, answer_to, multipart
from scripts.killable_server import runners
from tests.server.conftest import KEY


def call(address: str, method: str, path: str, form: Any = None, **files: bytes) -> Answer:
    """A request as the admin."""
    kind, body = multipart(form or {}, files) if form is not None or files else ("", None)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
    return answer_to(Request(f"{address}/api/v1{path}", body, headers, method=method))


def wait_until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What the condition says once it is true."""
    end = time.monotonic() + seconds
    while not (said := condition()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)
    return said


def end_runners(store: Path) -> None:
    """Kill them, as a machine does that goes down."""
    while found := runners(store):
        for pid in found:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        time.sleep(0.05)
