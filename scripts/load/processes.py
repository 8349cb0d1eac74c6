"""What the workers of a server hold."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.processes import cpu_seconds, memory_of, workers_of
from scripts.live_server import LiveServer


@dataclass(frozen=True)
class Held:
    """Memory and files of the largest of the workers."""

    memory_mb: float
    """All but the store's files."""
    open_files: int
    cpu_s: float
    """Processor seconds of all workers that run, since they were started."""


def busy_seconds() -> float:
    """Processor seconds that this machine has spent since its start on all that runs."""
    ticks = [int(text) for text in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    waiting = ticks[3] + ticks[4]
    return (sum(ticks) - waiting) / os.sysconf("SC_CLK_TCK")


def held_by(server: LiveServer, store: Path) -> Held:
    """What the workers hold now."""
    held, pids = [], workers_of(server.pid)
    for pid in pids:
        with suppress(OSError):  # it has ended meanwhile
            files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            held.append(Held(memory_of(pid, store).own_mb, files, cpu_seconds([pid])))
    return Held(
        max(one.memory_mb for one in held),
        max(one.open_files for one in held),
        sum(one.cpu_s for one in held),
    )
