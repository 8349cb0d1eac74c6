"""A full disk, a read-only one, files that are damaged, and a store that is moved or swapped."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from features.pictures import Vault
from features.repairing import repair_store
from features.store import StoreWriter, open_store
from scripts.faults.outcome import Outcome, SkippedError, judged
from scripts.faults.place import PRODUCTS, Place
from scripts.faults.shoppers import Shoppers, put, search
from scripts.killable_server import KillableServer
from scripts.live_server import is_ready
from scripts.waiting import wait_for

_DISK_BYTES = 40_000_000
_CHANGES = 5
_PAUSE_S = 0.5
_SWAPS = 4


def disk_full(shop: Place, folder: Path) -> Outcome:
    """Searches go on, changes are refused, and once there is room they are taken again."""
    with _disk(folder / "disk") as disk:
        place = shop.copied_to(disk / "shop")
        with KillableServer(place.stores.folder, PHOTOS=str(folder / "photos")) as server:
            _, right = search(server.address)
            with _filled(disk):
                refused = [put(server.address, f"new-{n}") for n in range(_CHANGES)]
                searched = [search(server.address) == (200, right) for _ in range(_CHANGES)]
            taken = put(server.address, "new-0")
            there = len(open_store(place.store).products)
        shutil.rmtree(place.folder)
    return judged(
        "disk full",
        {
            "changes refused": sum(status >= 500 for status in refused),
            "searches right": sum(searched),
            "products lost": PRODUCTS + 1 - there,
        },
        every_change_was_refused=all(status >= 500 for status in refused),
        every_search_was_answered=all(searched),
        a_change_is_taken_once_there_is_room=taken == 201,
        nothing_lost=there == PRODUCTS + 1,
    )


def disk_read_only(shop: Place, folder: Path) -> Outcome:
    """The same of a disk that the kernel has made read-only."""
    with _disk(folder / "disk") as disk:
        place = shop.copied_to(disk / "shop")
        photos, thumbnails = str(folder / "photos"), str(folder / "thumbnails")
        _remount(disk, "ro")
        try:
            with KillableServer(
                place.stores.folder, PHOTOS=photos, THUMBNAILS=thumbnails
            ) as server:
                found = [search(server.address) for _ in range(_CHANGES)]
                refused = [put(server.address, f"new-{n}") for n in range(_CHANGES)]
        finally:
            _remount(disk, "rw")
        there = len(open_store(place.store).products)
        shutil.rmtree(place.folder)
    return judged(
        "disk read-only",
        {
            "changes refused": sum(status >= 500 for status in refused),
            "searches answered": sum(status == 200 for status, _ in found),
            "products lost": PRODUCTS - there,
        },
        every_change_was_refused=all(status >= 500 for status in refused),
        every_search_was_answered=all(status == 200 and answer for status, answer in found),
        nothing_lost=there == PRODUCTS,
    )


def segment_cut(shop: Place, folder: Path) -> Outcome:
    """A file of vectors is cut while it is searched: the rest is served, and a repair mends it."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        _, right = search(server.address)
        workers = server.workers()
        os.truncate(place.store / "vectors-0001.npy", 100)
        shoppers = Shoppers(server.address, {right})
        with shoppers.searching():  # the kernel ends whoever reads what is not there any more
            time.sleep(_PAUSE_S)
        ended = len(workers - server.workers())
        _describe_again(place)
        wait_for("the rest to be served", lambda: is_ready(server.address))
        status, rest = search(server.address)
        missing = open_store(place.store, in_part=True).missing
        repair = repair_store(place.store, place.extractor, Vault(place.stores.pictures_folder))
        after = search(server.address)
    lost = 0 if missing is None else missing.pictures
    return judged(
        "segment cut",
        {
            "workers ended": ended,
            "searches without an answer": shoppers.counts["without an answer"],
            "pictures missing meanwhile": lost,
            "pictures embedded again": repair.embedded,
            "pictures lost": repair.missing,
        },
        the_rest_was_served=status == 200 and bool(rest),
        what_was_missing_was_said=lost == PRODUCTS // 2,
        nothing_lost=repair.missing == 0 and repair.embedded == lost,
        answers_right_after=after == (200, right),
    )


def store_moved_away(shop: Place, folder: Path) -> Outcome:
    """No answer is made up of what is not there, and the next search after its return is right."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        before = search(server.address)
        place.stores.folder.rename(folder / "elsewhere")
        away = [search(server.address) for _ in range(_CHANGES)]
        (folder / "elsewhere").rename(place.stores.folder)
        after = search(server.address)
    return judged(
        "store moved away",
        {
            "searches meanwhile": len(away),
            "refused": sum(status == 503 for status, _ in away),
            "right": sum(answer == before for answer in away),
        },
        every_search_was_refused_or_right=all(a[0] == 503 or a == before for a in away),
        answers_right_after=after == before,
    )


def store_swapped(shop: Place, folder: Path) -> Outcome:
    """Every answer is that of the one store or the other, and after a swap that of the new one."""
    place = shop.copied_to(folder / "shop")
    other = place.stores.new_place(place.extractor.spec.name)
    place.fill(other, place.publish(PRODUCTS, first=PRODUCTS))
    with KillableServer(place.stores.folder) as server:
        _, first = search(server.address)
        place.stores.swap_in(place.extractor.spec.name, other)
        _, second = search(server.address)
        shoppers = Shoppers(server.address, {first, second})
        late = 0
        with shoppers.searching():
            for turn in range(_SWAPS):
                place.stores.roll_back()
                _, answer = search(server.address)
                late += answer != (first, second)[turn % 2]
                time.sleep(_PAUSE_S)
    return judged(
        "store swapped",
        {"swaps": _SWAPS + 1, **shoppers.told(), "of the store before, asked after a swap": late},
        the_stores_differ=first != second,
        no_wrong_answers=not shoppers.counts["wrong"],
        every_search_was_answered=shoppers.counts.keys() == {"right"},
        none_was_late=not late,
    )


def _describe_again(place: Place) -> None:
    """A commit that changes no answer: every worker opens the store anew."""
    view = open_store(place.store, in_part=True)
    product = next(iter(view.products.values()))
    with StoreWriter(place.store, view.spec) as writer:
        writer.append([], np.empty((0, view.spec.dim), np.float32), [product])


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder.mkdir(parents=True)
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise SkippedError("only root may mount a disk") from error
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def _remount(folder: Path, how: str) -> None:
    _run("mount", "-o", f"remount,{how}", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Nothing is free."""
    filler, free = disk / "filler", os.statvfs(disk)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize))
    try:
        yield
    finally:
        filler.unlink()
