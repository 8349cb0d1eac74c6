"""What the workers of a server hold."""

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
