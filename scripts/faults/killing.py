"""kill -9: of a worker and of the master while shoppers search, and of an import."""

import contextlib
import io
import os
import signal
import time
import zipfile
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from features.store import open_store
from scripts.asking import multipart
from scripts.faults.outcome import Outcome, judged
from scripts.faults.place import PRODUCTS, Place
from scripts.faults.shoppers import Shoppers, ask_as_admin, search
from scripts.killable_server import KillableServer, runners
from scripts.waiting import wait_for

KILLS = 5
_IMPORT_KILLS = 2
_PAUSE_S = 0.5
_CLIENTS = 4
_ORPHANS_WITHIN_S = 15.0
_NEW_PRODUCTS = 150


def worker_killed(shop: Place, folder: Path) -> Outcome:
    """The other worker answers, a new one starts; lost is at most what was being answered."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        _, right = search(server.address)
        shoppers = Shoppers(server.address, {right}, _CLIENTS)
        with shoppers.searching():
            kills = sum(_kill_worker(server) for _ in range(KILLS))
            time.sleep(_PAUSE_S)
        answered = search(server.address) == (200, right)
    lost = shoppers.counts["without an answer"]
    return judged(
        "worker killed",
        {"kills": kills, **shoppers.told(), "most that may be lost": KILLS * _CLIENTS},
        no_wrong_answers=not shoppers.counts["wrong"],
        nothing_refused=not shoppers.refused,
        no_more_lost_than_was_being_answered=lost <= KILLS * _CLIENTS,
        answers_right_after=answered,
    )


def decoder_killed(shop: Place, folder: Path) -> Outcome:
    """The picture that it decoded is refused, and the next gets a new one; no worker ends."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        _, right = search(server.address)
        workers, kills = server.workers(), 0
        shoppers = Shoppers(server.address, {right}, _CLIENTS)
        with shoppers.searching():
            for _ in range(KILLS):
                time.sleep(_PAUSE_S)
                wait_for("a decoder", server.helpers)
                kills += _kill_one(server.helpers())
            time.sleep(_PAUSE_S)
        answered = search(server.address) == (200, right)
        same = server.workers() == workers
    return judged(
        "decoder killed",
        {"kills": kills, **shoppers.told()},
        no_wrong_answers=not shoppers.counts["wrong"],
        at_most_one_refused_for_each=shoppers.refused <= kills,
        every_search_had_an_answer=not shoppers.counts["without an answer"],
        no_worker_ended=same,
        answers_right_after=answered,
    )


def master_killed(shop: Place, folder: Path) -> Outcome:
    """Its workers end by themselves, and the next master serves on the same port."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        _, right = search(server.address)
        shoppers = Shoppers(server.address, {right}, _CLIENTS)
        with shoppers.searching():
            time.sleep(_PAUSE_S)
            killed = time.monotonic()
            left = server.kill_master()
            orphans = wait_for(
                "the workers to end", lambda: not any(map(_runs, left)), _ORPHANS_WITHIN_S
            )
            server.start()
            server.wait_until_ready()
            away = time.monotonic() - killed
            time.sleep(_PAUSE_S)
        answered = search(server.address) == (200, right)
    return judged(
        "master killed",
        {
            "kills": 1,
            **shoppers.told(),
            "seconds until its workers had ended": orphans,
            "seconds until the next one answered": away,
        },
        no_wrong_answers=not shoppers.counts["wrong"],
        every_shopper_was_answered_in_the_end=shoppers.counts["right after another try"] > 0
        or not shoppers.counts["without an answer"],
        answers_right_after=answered,
    )


def import_killed(shop: Place, folder: Path) -> Outcome:
    """The server starts it again, and it goes on where it was: no row is lost or there twice."""
    place = shop.copied_to(folder / "shop")
    with (
        KillableServer(place.stores.folder, workers=1) as server,
        _no_import_left(place.stores.folder),
    ):
        job = _send(server, _zipped(place))
        kills = sum(_kill_at_work(server, place.stores.folder, job) for _ in range(_IMPORT_KILLS))
        wait_for("the import to end", lambda: _job(server, job)["state"] in ("done", "failed"))
        ended = _job(server, job)
    view = open_store(place.store)
    rows = {(it.product_id, it.location) for it in view.live_pictures}
    return judged(
        "import killed",
        {
            "kills": kills,
            "rows wanted": _NEW_PRODUCTS,
            "rows lost": _NEW_PRODUCTS - len(rows),
            "rows there twice": view.picture_count - len(rows),
        },
        the_import_was_done_in_the_end=ended["state"] == "done",
        it_was_killed_while_it_ran=kills == _IMPORT_KILLS,
        nothing_lost=len(rows) == _NEW_PRODUCTS,
        nothing_twice=view.picture_count == len(rows),
    )


def _kill_at_work(server: KillableServer, stores: Path, job: str) -> int:
    """Kill the import once it embeds pictures; how many processes that were."""

    def is_at_work() -> bool:
        said = _job(server, job)
        return bool(runners(stores)) and said["state"] == "running" and said["progress"]["done"] > 0

    wait_for("the import to be at work", is_at_work)
    killed = _kill_all(runners(stores))
    wait_for("the import to be gone", lambda: not runners(stores))
    return killed


@contextlib.contextmanager
def _no_import_left(stores: Path) -> Iterator[None]:
    """However the block ends: an import outlives the server that started it."""
    try:
        yield
    finally:
        _kill_all(runners(stores))


def _kill_all(pids: Iterable[int]) -> int:
    return sum(map(_kill, pids))


def _kill_one(pids: Iterable[int]) -> bool:
    """Kill the first of some processes that is there; whether there was one."""
    return any(map(_kill, sorted(pids)))


def _kill(pid: int) -> bool:
    """Whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _kill_worker(server: KillableServer) -> bool:
    """Kill one after a while, and wait until there are as many as before."""
    time.sleep(_PAUSE_S)
    before = server.workers()
    killed = _kill_one(before)
    wait_for("a new worker", lambda: server.workers() - before)
    return killed


def _runs(pid: int) -> bool:
    """Whether there is such a process; a zombie that nobody waits for is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _zipped(place: Place) -> bytes:
    """A ZIP of more of the sample's products, with their pictures."""
    feed = place.publish(_NEW_PRODUCTS, first=PRODUCTS)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(feed, feed.name)
        for picture in feed.read_text(encoding="utf-8").split(","):
            if picture.startswith("products/"):
                archive.write(place.folder / picture, picture)
    return buffer.getvalue()


def _send(server: KillableServer, archive: bytes) -> str:
    kind, body = multipart({}, {"feed": archive})
    answer = ask_as_admin(server.address, "POST", "/api/v1/catalog", body, kind)
    if answer.status != HTTPStatus.ACCEPTED:
        raise RuntimeError(f"the import was answered with {answer.status}: {answer.body!r}")
    return str(answer.json["job"]["id"])


def _job(server: KillableServer, job: str) -> dict[str, Any]:
    answer = ask_as_admin(server.address, "GET", f"/api/v1/jobs/{job}")
    found: dict[str, Any] = answer.json["job"]
    return found
