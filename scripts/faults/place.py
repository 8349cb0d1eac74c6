"""A small true shop of the sample's products, and the server on it as it is deployed."""

import contextlib
import csv
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterable
from http.client import HTTPException
from pathlib import Path

from features.catalog import read_catalog
from features.closing import Closing
from features.extractors import DEFAULT_EXTRACTOR, Extractor, load_extractor
from features.pictures import PictureFolder, PictureSource
from features.pipeline import build_store
from features.store import StoreSet
from scripts.bootstrap import ROOT
from scripts.live_server import HTTP, READY_PATH, ServerFailedError, free_port

KEY = "a key for one test of faults"
SAMPLE = ROOT / "static" / "sample"
PRODUCTS = 40
_READY_WITHIN_S = 60.0
_POLL_S = 0.02


class Place:
    """A folder with a catalogue, its pictures, and stores."""

    def __init__(self, folder: Path, extractor: Extractor) -> None:
        """Nothing is made yet."""
        self.folder = folder
        self.stores = StoreSet(folder / "stores")
        self.extractor = extractor

    @classmethod
    def made(cls, folder: Path) -> "Place":
        """Embed the sample's first products, in two segments."""
        place = cls(folder, load_extractor())
        for products in (PRODUCTS // 2, PRODUCTS):
            place.fill(place.store, place.publish(products))
        place.stores.add(DEFAULT_EXTRACTOR, place.store)
        return place

    def copied_to(self, folder: Path) -> "Place":
        """The same shop in another folder."""
        return Place(shutil.copytree(self.folder, folder), self.extractor)

    @property
    def store(self) -> Path:
        """The store of the default extractor."""
        return self.folder / "stores" / DEFAULT_EXTRACTOR

    def publish(self, products: int, *, first: int = 0) -> Path:
        """The catalogue of some products, with a picture each."""
        with (SAMPLE / "catalog.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["id"]: row for row in reversed(list(csv.DictReader(file)))}
        chosen = [rows[key] for key in sorted(rows)[first : first + products]]
        (self.folder / "products").mkdir(parents=True, exist_ok=True)
        feed = self.folder / "catalog.csv"
        with feed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, chosen[0].keys())
            writer.writeheader()
            for row in chosen:
                shutil.copyfile(SAMPLE / row["image"], self.folder / row["image"])
                writer.writerow(row)
        return feed

    def fill(self, store: Path, feed: Path) -> None:
        """Bring a store up to date with a catalogue."""
        source = PictureSource(PictureFolder(self.folder))
        build_store(read_catalog(feed), source, store, self.extractor)


class Server(Closing):
    """gunicorn on a port that stays the same, in a process group of its own."""

    def __init__(self, stores: Path, *, workers: int = 2, **settings: str) -> None:
        """Start it and wait until it is ready.

        Raises:
            ServerFailedError: it does not become ready.
        """
        self.address = f"http://127.0.0.1:{free_port()}"
        named = {
            "STORE": str(stores),
            "ADMIN_KEY": KEY,
            "DETECTOR": "none",
            "PHOTOS": str(stores.parent / "photos"),
            "THUMBNAILS": str(stores.parent / "thumbnails"),
            "RATE": "1000000 per second",
            **settings,
        }
        self._environment = os.environ | {f"VISUAL_SEARCH_{k}": v for k, v in named.items()}
        self._workers = workers
        self._masters: list[subprocess.Popen[bytes]] = []
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Another master, on the same port."""
        command = [
            *(sys.executable, "-m", "gunicorn", "server.wsgi:app", "--threads", "4"),
            *("--bind", self.address.removeprefix("http://"), "--workers", str(self._workers)),
        ]
        self._masters.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    @property
    def is_running(self) -> bool:
        """Whether its latest master does."""
        return self._masters[-1].poll() is None

    def wait_until_ready(self) -> None:
        """Until a search would be answered.

        Raises:
            ServerFailedError: it would not, for a minute.
        """
        wait_for("the server to be ready", self.is_ready)

    def is_ready(self) -> bool:
        """Whether a search would be answered."""
        try:
            with HTTP.open(self.address + READY_PATH, timeout=10) as answer:
                answer.read()
        except urllib.error.HTTPError as loading:
            loading.close()
            return False
        except (OSError, HTTPException):
            return False
        return True

    def workers(self) -> set[int]:
        """The processes that answer: those that the master started itself."""
        master = self._masters[-1].pid
        return {pid for pid, parent in members(master) if parent == master}

    def helpers(self) -> set[int]:
        """The processes that workers have beside them, to decode what is not to be trusted."""
        workers = self.workers()
        return {pid for pid, parent in members(self._masters[-1].pid) if parent in workers}

    def kill_master(self) -> set[int]:
        """SIGKILL; the processes that it leaves behind."""
        left = {pid for pid, _ in members(self._masters[-1].pid)}
        self._masters[-1].kill()
        self._masters[-1].wait()
        return left

    def close(self) -> None:
        """End all that was started here."""
        for master in self._masters:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(master.pid, signal.SIGKILL)
            master.wait()


def members(master: int) -> list[tuple[int, int]]:
    """The other processes of a process group with their parents, zombies apart."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, parent, group = path.read_text().rpartition(")")[2].split()[:3]
            if int(group) == master and state != "Z" and path.parent.name != str(master):
                found.append((int(path.parent.name), int(parent)))
    return found


def kill_one(pids: Iterable[int]) -> bool:
    """SIGKILL to the first of some processes that is there; whether there was one."""
    for pid in sorted(pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def wait_for(
    what: str, condition: Callable[[], object], within_s: float = _READY_WITHIN_S
) -> float:
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
