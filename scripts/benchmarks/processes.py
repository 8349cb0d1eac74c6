"""What the processes of a server use, as Linux tells it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_USER_TIME, _SYSTEM_TIME = 11, 12  # fields after the command's name, see proc(5)


@dataclass(frozen=True)
class Memory:
    """Megabytes of one process; a page that several share counts by its share."""

    own_mb: float
    """All but the store's files."""
    anonymous_mb: float
    store_mb: float
    """The store's mapped files, in full: all workers map the same pages."""


def workers_of(pid: int) -> list[int]:
    """The processes that gunicorn's master has started."""
    return [int(child) for child in (_PROC / f"{pid}/task/{pid}/children").read_text().split()]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor seconds that some processes have used so far."""
    return sum(_ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, store: Path) -> Memory:
    """What a process holds beside a store, and of it."""
    own = mapped = anonymous = 0
    in_store = False
    for line in (_PROC / f"{pid}/smaps").read_text().splitlines():
        name, *rest = line.split(maxsplit=5)
        if not name.endswith(":"):
            in_store = len(rest) == 5 and Path(rest[4]).is_relative_to(store.resolve())
        elif name == "Rss:" and in_store:
            mapped += int(rest[0])
        elif name == "Pss:" and not in_store:
            own += int(rest[0])
        elif name == "Anonymous:":
            anonymous += int(rest[0])
    return Memory(own / 1024, anonymous / 1024, mapped / 1024)


def _ticks(pid: int) -> int:
    fields = (_PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])
