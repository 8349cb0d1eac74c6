"""What the workers of a server hold."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.processes import memory_of, workers_of
from scripts.live_server import LiveServer


@dataclass(frozen=True)
class Held:
    """By the largest of the workers."""

    memory_mb: float
    """All but the store's files."""
    open_files: int


def held_by(server: LiveServer, store: Path) -> Held:
    """What the workers hold now."""
    held = []
    for pid in workers_of(server.pid):
        with suppress(OSError):  # it has ended meanwhile
            files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            held.append(Held(memory_of(pid, store).own_mb, files))
    return Held(max(h.memory_mb for h in held), max(h.open_files for h in held))
