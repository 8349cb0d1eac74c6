"""The server itself: its workers, what they answered, memory, versions, and room on the disk."""

import os
import platform
import shutil
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from features.cache import cache_dir
from server.admin.stores import bytes_in
from server.services.loading import current_settings
from server.telemetry.metrics import current_metrics
from server.version import VERSION

_LIBRARIES = ("Flask", "gunicorn", "numpy", "openvino", "Pillow")
_KIB = 1024
_MOST_PROBLEMS = 5


@dataclass(frozen=True)
class WorkerProcess:
    """One process that answers; memory in bytes, None where the system does not tell."""

    pid: int
    age: float
    """Seconds since it began."""
    resident: int | None
    own: int | None
    """Of that, what it shares with no file: stores and networks are mapped, and shared."""


@dataclass(frozen=True)
class Room:
    """What a folder of copies takes, of how much it may."""

    name: str
    bytes: int
    most: int | None = None


@dataclass(frozen=True)
class Machine:
    """The server in numbers, all of its processes together."""

    workers: tuple[WorkerProcess, ...]
    this: int
    """The worker that tells all this."""
    uptime: float
    """Seconds since the first of its workers began."""
    in_flight: int
    answered: int
    problems: tuple[tuple[str, int], ...]
    """The codes of the most frequent ones, with how often."""
    memory_free: int | None
    disk_free: int | None
    rooms: tuple[Room, ...]
    versions: tuple[tuple[str, str], ...]


def machine() -> Machine:
    """The server as it is now."""
    metrics = current_metrics()
    workers = _workers()
    problems: Counter[str] = Counter()
    for labels, count in metrics.samples("visual_search_problems_total"):
        problems[labels["code"]] += int(count)
    return Machine(
        workers=workers,
        this=os.getpid(),
        uptime=max(worker.age for worker in workers),
        in_flight=int(_sum("visual_search_requests_in_flight")),
        answered=int(_sum("visual_search_requests_total")),
        problems=tuple(problems.most_common(_MOST_PROBLEMS)),
        memory_free=_sizes_in(Path("/proc/meminfo")).get("MemAvailable"),
        disk_free=_disk_free(current_settings().store),
        rooms=_rooms(),
        versions=_versions(),
    )


def _workers() -> tuple[WorkerProcess, ...]:
    """Those that live; one alone does not say which it is."""
    began = current_metrics().samples("visual_search_worker_start_time_seconds")
    started = {int(labels.get("pid", os.getpid())): moment for labels, moment in began}
    return tuple(_worker(pid, time.time() - moment) for pid, moment in sorted(started.items()))


def _worker(pid: int, age: float) -> WorkerProcess:
    sizes = _sizes_in(Path(f"/proc/{pid}/status"))
    return WorkerProcess(pid, age, sizes.get("VmRSS"), sizes.get("RssAnon"))


def _sizes_in(path: Path) -> dict[str, int]:
    """The lines `Name:  1234 kB` of what Linux tells, in bytes; nothing elsewhere."""
    sizes = {}
    with suppress(OSError):
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            name, _, value = line.partition(":")
            number, _, unit = value.strip().partition(" ")
            if unit == "kB" and number.isdigit():
                sizes[name] = int(number) * _KIB
    return sizes


def _sum(name: str) -> float:
    return sum(value for _, value in current_metrics().samples(name))


def _disk_free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _rooms() -> tuple[Room, ...]:
    settings = current_settings()
    networks = cache_dir()
    inside = settings.thumbnails.is_relative_to(networks)
    thumbnails = bytes_in(settings.thumbnails)
    return (
        Room("Small copies of pictures", thumbnails, settings.thumbnails_max_bytes),
        Room("Shoppers' photos", bytes_in(settings.photos), settings.photos_max_bytes),
        Room("Converted networks", bytes_in(networks) - (thumbnails if inside else 0)),
    )


def _versions() -> tuple[tuple[str, str], ...]:
    found = [("Visual Search", VERSION), ("Python", platform.python_version())]
    for library in _LIBRARIES:
        with suppress(PackageNotFoundError):
            found.append((library, version(library)))
    return tuple(found)
