"""Waiting for what another process does."""

import time
from collections.abc import Callable

from scripts.live_server import ServerFailedError

_POLL_S = 0.02
_WITHIN_S = 60.0


def wait_for(what: str, condition: Callable[[], object], within_s: float = _WITHIN_S) -> float:
    """The seconds until a condition is true.

    Raises:
        ServerFailedError: it is not in time.
    """
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > within_s:
            raise ServerFailedError(f"waited {within_s:.0f} s in vain for {what}")
        time.sleep(_POLL_S)
    return time.monotonic() - started
