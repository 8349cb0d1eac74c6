"""Re-embedding as a shop's owner does it: on the command line, while the server answers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request

import pytest

from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pipeline import build_store
from features.store import StoreSet, open_store
from scripts import evaluate
from scripts import reembed as script
from scripts.asking import SEARCH_PATH, ask, multipart
from scripts.live_server import live_server
from tests.helpers import ROOT, picture, pictures_in, run_python, shop, write_catalog
from tests.scripts.commands import Command, Done

pytestmark = pytest.mark.slow

REEMBED = ROOT / "scripts" / "reembed.py"
LITE0, LITE1, LITE2 = (f"efficientnet_lite{number}" for number in range(3))


@pytest.fixture
def stores(tmp_path: Path) -> StoreSet:
    """A set with the store of a shop with three products."""
    return built(tmp_path, shop(tmp_path / "shop", 3))


def built(folder: Path, catalog: Path) -> StoreSet:
    stores = StoreSet(folder / "stores")
    place = stores.place_for(LITE0)
    build_store(read_catalog(catalog), pictures_in(catalog.parent), place, load_extractor(LITE0))
    stores.add(LITE0, place)
    return stores


Reembed = Callable[..., Done]


@pytest.fixture
def reembed(command: Command) -> Reembed:
    """The command line, in this process."""
    return lambda stores, *options: command(script, "--store", stores.folder, *options)


def test_a_running_server_follows_the_swap_and_the_way_back(
    stores: StoreSet, tmp_path: Path
) -> None:
    def searched_with(address: str) -> tuple[str, str]:
        """Which store answered, and with which product."""
        kind, body = multipart({}, {"image": picture(1)})
        found = json.loads(ask(Request(address + SEARCH_PATH, body, {"Content-Type": kind})))
        return found["extractor"], found["results"][0]["product"]["id"]

    with live_server(
        STORE=str(stores.folder), PHOTOS=str(tmp_path / "photos"), DETECTOR="none"
    ) as server:
        assert searched_with(server.address) == (LITE0, "p01")
        done = run_python(REEMBED, "--store", stores.folder, "--extractor", LITE1)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{LITE1}: 3 products, 3 pictures: 3 new, 0 missing" in done.stdout
        assert f"the default is {LITE1}" in done.stdout
        assert searched_with(server.address) == (LITE1, "p01")
        back = run_python(REEMBED, "--store", stores.folder, "--roll-back")
        assert (back.returncode, back.stderr) == (0, "")
        assert f"the default is {LITE0} again" in back.stdout
        assert searched_with(server.address) == (LITE0, "p01")


def test_missing_pictures_are_status_1_and_not_swapped(
    stores: StoreSet, tmp_path: Path, reembed: Reembed
) -> None:
    (tmp_path / "shop" / "01.png").unlink()
    done = reembed(stores, "--extractor", LITE1)
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first.startswith("missing: ")
    assert "01.png" in first
    assert "--allow-missing" in last
    assert stores.names() == [LITE0]
    allowed = reembed(stores, "--extractor", LITE1, "--allow-missing")
    assert allowed.returncode == 1
    assert "swapped in" in allowed.stdout
    assert set(open_store(stores.folder_of()).products) == {"p00", "p02"}


def test_each_store_of_a_set_can_be_measured(
    stores: StoreSet, tmp_path: Path, reembed: Reembed, command: Command
) -> None:
    done = reembed(stores, "--extractor", LITE1, "--keep-default")
    assert (done.returncode, stores.default) == (0, LITE0)
    queries = tmp_path / "shop" / "queries.csv"
    queries.write_text("image,product_id\n00.png,p00\n")
    (open_store(stores.folder_of(LITE0)).folder / "manifest.json").unlink()
    measured = command(evaluate, queries, "--store", stores.folder, "--extractor", LITE1)
    assert (measured.returncode, measured.stderr) == (0, "")
    assert "recall@1     1.000" in measured.stdout
    unknown = command(evaluate, queries, "--store", stores.folder, "--extractor", LITE2)
    assert unknown.returncode == 2
    assert f"there are: {LITE0}, {LITE1}" in unknown.stderr


def test_cleaning_up_names_what_it_deletes(stores: StoreSet, reembed: Reembed) -> None:
    for _ in range(2):
        assert reembed(stores, "--extractor", LITE0).returncode == 0
    done = reembed(stores, "--clean-up")
    assert (done.returncode, done.stdout) == (0, f"deleted {stores.folder / LITE0}\n")
    assert reembed(stores, "--clean-up").stdout == ""


def test_what_cannot_be_done_is_one_clear_line(tmp_path: Path, command: Command) -> None:
    for options in (["--roll-back"], ["--extractor", LITE0], ["--clean-up"]):
        done = command(script, "--store", tmp_path / "none", *options)
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: there is no feature store")


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path, reembed: Reembed) -> None:
    shop(tmp_path / "shop", 20)
    rows = [{"id": f"p{n}", "image": f"{n:03}.png"} for n in range(100)]
    for number in range(100):
        (tmp_path / "shop" / f"{number:03}.png").write_bytes(picture(number))
    stores = built(tmp_path, write_catalog(tmp_path / "shop", rows))
    process = subprocess.Popen(
        [sys.executable, str(REEMBED), "--store", str(stores.folder), "--extractor", LITE1],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    place = stores.folder / f"{LITE1}-2"
    while process.poll() is None and not (place / "reembedding.sqlite").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "run again to go on" in errors
    assert "Traceback" not in errors
    assert (stores.default, stores.names()) == (LITE0, [LITE0])
    done = open_store(place).picture_count
    again = reembed(stores, "--extractor", LITE1)
    assert again.returncode == 0, again.stderr
    assert f"100 pictures: {100 - done} new, 0 missing" in again.stdout
    assert stores.folder_of() == place
