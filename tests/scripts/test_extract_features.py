"""The command lines, as a shop's owner runs them: in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from features.catalog import read_catalog
from features.extractors import Extractor
from features.pipeline import build_store
from features.store import StoreSet, StoreView, open_store
from tests.helpers import (
    ROOT,
    drawing,
    encoded,
    picture,
    pictures_in,
    run_python,
    shop,
    write_catalog,
)

EXTRACT = ROOT / "scripts" / "extract_features.py"
EVALUATE = ROOT / "scripts" / "evaluate.py"
LITE0 = ("--extractor", "efficientnet_lite0")


def opened(stores: Path) -> StoreView:
    """The default store of a set."""
    return open_store(StoreSet(stores).folder_of())


def test_good_and_bad_rows_of_one_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    catalog = shop(folder, 3)
    text = picture(0)
    bad = {
        "empty.jpg": b"",
        "text.jpg": b"this is no picture",
        "page.jpg": b"<!DOCTYPE html>",
        "drawing.jpg": b"<svg/>",
        "sheet.jpg": b"%PDF-1.4",
        "cut.png": text[:150],
        "dot.png": encoded(drawing(1).resize((2, 2))),
        "long.png": encoded(drawing(1).resize((20_001, 8))),
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    elsewhere = ["none.jpg", "../up.jpg", "/etc/hostname", "https://shop.example/a.jpg"]
    with catalog.open("ab") as file:
        for name in (*bad, *elsewhere):
            file.write(f"bad-{name},Bad,,{name}\n".encode())
        file.write(b",No id,,00.png\nno-picture,None,,\np00,Another,,01.png\np01,Thing 1,,01.png\n")
        file.write(b"caf\xe9,Latin,,00.png\nmany,cells,are,in,this,row.png\n")
        file.write(b'last,"Open quote,,00.png\n')
    done = run_python(
        EXTRACT, catalog, "--store", tmp_path / "store", "--csv", tmp_path / "f.csv", *LITE0
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    failures = [line for line in done.stderr.splitlines() if line.startswith("failed: line ")]
    assert sorted(int(line.split()[2][:-1]) for line in failures) == list(range(5, 24))
    for name in (*bad, *elsewhere):
        assert any(name in line for line in failures)
    first, second = done.stdout.splitlines()
    assert first.startswith("15 products, 15 pictures: 3 new, 0 reused, 0 removed, 19 failed; ")
    assert second.endswith("f.csv: 3 lines")
    assert set(opened(tmp_path / "store").products) == {"p00", "p01", "p02"}
    table = pd.read_csv(tmp_path / "f.csv")
    assert list(table.columns[:3]) == ["id", "image", "f0"]
    assert table.shape == (3, 1282)


def test_all_well_is_status_0_and_a_second_run_reuses(tmp_path: Path) -> None:
    shop(tmp_path / "shop", 2)
    (tmp_path / "shop" / "catalog.csv").unlink()
    for expected in ("2 new, 0 reused", "0 new, 2 reused"):
        done = run_python(EXTRACT, tmp_path / "shop", "--store", tmp_path / "store", *LITE0)
        assert (done.returncode, done.stderr) == (0, "")
        assert expected in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is no catalogue"), (b"sku,picture\n1,a.jpg\n", "lacks the columns")],
)
def test_a_feed_that_cannot_be_used_is_one_clear_line(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "feed.csv").write_bytes(content)
    done = run_python(EXTRACT, tmp_path / "feed.csv", "--store", tmp_path / "store", *LITE0)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert words in line
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_has_stored_what_it_did(tmp_path: Path, number: signal.Signals) -> None:
    shop(tmp_path / "shop", 20)
    rows = [{"id": f"p{n}", "image": f"{n % 20:02}.png"} for n in range(320)]
    catalog = write_catalog(tmp_path / "shop", rows)
    process = subprocess.Popen(
        [sys.executable, str(EXTRACT), str(catalog), "--store", str(tmp_path / "store"), *LITE0],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while (
        process.poll() is None
        and not (tmp_path / "store" / "efficientnet_lite0" / "manifest.json").exists()
    ):
        time.sleep(0.01)
    time.sleep(0.6)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130), errors
    assert "Traceback" not in errors
    view = opened(tmp_path / "store")
    done = view.picture_count
    if process.returncode == 130:
        assert "run again to go on" in errors
    again = run_python(EXTRACT, catalog, "--store", tmp_path / "store", *LITE0)
    assert again.returncode == 0, again.stderr
    assert opened(tmp_path / "store").picture_count == 320
    assert f" {done} reused" in again.stdout or done < 320


def test_figures_come_as_json_and_as_text(tmp_path: Path, extractor: Extractor) -> None:
    catalog = shop(tmp_path, 4)
    store = tmp_path / "store"
    build_store(read_catalog(catalog), pictures_in(tmp_path), store, extractor)
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id\n00.png,p00\n01.png,p02\n")
    done = run_python(EVALUATE, queries, "--store", store, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert list(figures) == [
        "queries",
        "recall@1",
        "recall@5",
        "category@1",
        "ms_median",
        "ms_p95",
    ]
    assert (figures["queries"], figures["recall@1"], figures["recall@5"]) == (2, 0.5, 1.0)
    assert figures["category@1"] is None
    done = run_python(EVALUATE, queries, "--store", store)
    assert "recall@1     0.500" in done.stdout
    done = run_python(EVALUATE, tmp_path / "none.csv", "--store", store)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
