"""The clock, Milvus, and a back-up that is taken while the shop changes."""

import importlib.util
import os
import threading
import time
from pathlib import Path

from features.backup import back_up
from features.store import StoreSet, find_damage, open_store
from scripts.faults.outcome import Outcome, SkippedError, judged
from scripts.faults.place import PRODUCTS, Place
from scripts.faults.shoppers import put, search
from scripts.killable_server import KillableServer
from scripts.lite_server import LiteServer
from scripts.waiting import wait_for

_DAY_S = 86_400.0
_CHANGES = 5
_SEARCHES = 3
_TIMEOUT_S = 1.0
_BACK_UPS = 3


def clock_set(shop: Place, folder: Path) -> Outcome:
    """Files of tomorrow and of yesterday, as a wrong clock leaves them: no change is overlooked."""
    place = shop.copied_to(folder / "shop")
    with KillableServer(place.stores.folder) as server:
        last = search(server.address)
        seen = right = 0
        for number in range(_CHANGES):
            _set_times(place.stores.folder, time.time() + (-1) ** number * _DAY_S)
            right += search(server.address) == last
            put(server.address, f"at-{number}")
            last = search(server.address)
            seen += f"at-{number}" in {key for key, _ in last[1]}
        there = len(open_store(place.store).products)
    return judged(
        "clock set forth and back",
        {
            "times": _CHANGES,
            "searches right": right,
            "changes seen by the next search": seen,
            "products lost": PRODUCTS + _CHANGES - there,
        },
        every_search_was_right=right == _CHANGES,
        every_change_was_seen=seen == _CHANGES,
        nothing_lost=there == PRODUCTS + _CHANGES,
    )


def _set_times(folder: Path, seconds: float) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (seconds, seconds))


def milvus_killed(shop: Place, folder: Path) -> Outcome:
    """Refused within the time-out while it is away; right as soon as it is back."""
    if importlib.util.find_spec("milvus_lite") is None:
        raise SkippedError("milvus-lite is not installed")
    place = shop.copied_to(folder / "shop")
    with LiteServer(folder / "milvus") as milvus:
        milvus.start()
        settings = {"MILVUS_URI": milvus.uri, "MILVUS_TIMEOUT": str(_TIMEOUT_S)}
        with KillableServer(place.stores.folder, workers=1, INDEX="milvus", **settings) as server:
            before = search(server.address)
            milvus.kill()
            started = time.monotonic()
            away = [search(server.address) for _ in range(_SEARCHES)]
            longest = (time.monotonic() - started) / _SEARCHES
            milvus.start()
            back = wait_for("Milvus to be used again", lambda: search(server.address) == before)
    return judged(
        "Milvus killed",
        {
            "searches meanwhile": len(away),
            "refused": sum(status == 503 for status, _ in away),
            "seconds for a refusal": longest,
            "seconds until right again": back,
        },
        right_before=before[0] == 200 and bool(before[1]),
        every_search_was_refused=all(status == 503 for status, _ in away),
        refused_in_time=longest < 5 * _TIMEOUT_S,
    )


def backed_up_while_changing(shop: Place, folder: Path) -> Outcome:
    """Every copy is whole, and answers, served where it lies, as the shop did."""
    place = shop.copied_to(folder / "shop")
    target = folder / "copies" / "copy"
    with KillableServer(place.stores.folder, workers=1) as server:
        ended, whole = threading.Event(), 0
        changes: list[int] = []

        def change() -> None:
            while not ended.is_set():
                changes.append(put(server.address, f"new-{len(changes) % 7}"))

        thread = threading.Thread(target=change)
        thread.start()
        try:
            for _ in range(_BACK_UPS):
                begun = len(changes)
                wait_for("a change", lambda: len(changes) > begun)  # noqa: B023
                back_up(place.stores, target)
                whole += not find_damage(StoreSet(target).folder_of())
        finally:
            ended.set()
            thread.join()
        back_up(place.stores, target)
        before = search(server.address)
    with KillableServer(target, workers=1) as restored:
        after = search(restored.address)
    return judged(
        "backed up while changing",
        {"copies": _BACK_UPS + 1, "changes meanwhile": len(changes), "copies whole": whole + 1},
        every_change_was_taken=set(changes) <= {200, 201},
        every_copy_is_whole=whole == _BACK_UPS,
        the_copy_answers_as_the_shop_did=after == before and before[0] == 200,
    )
