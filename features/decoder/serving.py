"""The loop of a decoder's process, and what it may use: so much memory, one task at a time."""

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from features.decoder.answers import answer
from features.isolation.wire import Wire, WireClosedError, wire_between

MEMORY_BYTES = 3_000_000_000
"""Of addresses; the largest allowed picture needs about half of them while it is decoded."""
_IDLE_S = 600.0
_TASKS = 2_000
"""After so many another process takes over: what libraries leak does not add up."""
_MOST_BYTES = 2**32 - 1


def serve() -> None:
    """Answer until the other end closes, nothing was asked for long, or enough was done."""
    wire = _wire()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is for the process that asks
    _limit()
    for _ in range(_TASKS):
        if not wire.is_spoken_to(_IDLE_S):
            return
        try:
            wire.send(answer(wire.receive(_MOST_BYTES)))
        except WireClosedError:
            return


def _wire() -> Wire:
    """Over pipes that no library writes to: what those print goes where errors go."""
    readable, writable = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return wire_between(readable, writable)


def _limit() -> None:
    """Little memory, no core file; and where the machine's is short, this process goes first."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
