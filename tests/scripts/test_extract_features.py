"""The command lines, as a shop's owner runs them: in processes of their own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.catalog import read_catalog
from features.extractors import Extractor
from features.images import content_hash
from features.pipeline import build_store
from features.store import StoreSet, StoreView, open_store
from scripts import evaluate, extract_features
from tests.features.feeds import Ware, drawn, plain
from tests.features.pictures.web import reply, serving
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
from tests.scripts.commands import Command

EXTRACT = ROOT / "scripts" / "extract_features.py"
LITE0 = ("--extractor", "efficientnet_lite0")


def zipped(feed: Path) -> Path:
    """A ZIP of a feed and of what lies beside it."""
    with zipfile.ZipFile(feed.parent.with_suffix(".zip"), "w") as archive:
        for file in sorted(feed.parent.iterdir()):
            archive.write(file, file.name)
        return Path(str(archive.filename))


def opened(stores: Path) -> StoreView:
    """The default store of a set."""
    return open_store(StoreSet(stores).folder_of())


def test_what_was_unpacked_of_a_product_goes_with_it(tmp_path: Path) -> None:
    stores = tmp_path / "store"
    for count in (3, 2):
        feed = zipped(shop(tmp_path / f"shop{count}", count))
        done = run_python(EXTRACT, feed, "--store", stores)
        assert done.returncode == 0, done.stderr
        kept = {path.name for path in (stores / "pictures").glob("??/*")}
        assert kept == {content_hash(picture(n)) for n in range(count)}


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
    tmp_path: Path, extract: Command, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "feed.csv").write_bytes(content)
    done = extract(tmp_path / "feed.csv", "--store", tmp_path / "store", *LITE0)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert words in line
    assert not (tmp_path / "store").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_has_stored_what_it_did(
    tmp_path: Path, extract: Command, number: signal.Signals
) -> None:
    shop(tmp_path / "shop", 20)
    rows = [{"id": f"p{n}", "image": f"{n % 20:02}.png"} for n in range(200)]
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
    time.sleep(0.3)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130), errors
    assert "Traceback" not in errors
    # By its folder: the signal may have come just before the set's list of stores was written.
    done = open_store(tmp_path / "store" / "efficientnet_lite0").picture_count
    if process.returncode == 130:
        assert "run again to go on" in errors
    again = extract(catalog, "--store", tmp_path / "store", *LITE0)
    assert again.returncode == 0, again.stderr
    assert opened(tmp_path / "store").picture_count == 200
    assert f" {done} reused" in again.stdout or done < 200


@pytest.mark.slow
def test_figures_come_as_json_and_as_text(
    tmp_path: Path, extractor: Extractor, command: Command
) -> None:
    catalog = shop(tmp_path, 4)
    store = tmp_path / "store"
    build_store(read_catalog(catalog), pictures_in(tmp_path), store, extractor)
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id\n00.png,p00\n01.png,p02\n")
    done = command(evaluate, queries, "--store", store, "--json")
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
    done = command(evaluate, queries, "--store", store)
    assert "recall@1     0.500" in done.stdout
    done = command(evaluate, tmp_path / "none.csv", "--store", store)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def extract(command: Command) -> Command:
    """The command line without the time that a process of its own takes to start."""
    return partial(command, extract_features)


def test_a_dry_run_says_what_the_run_then_does(tmp_path: Path, extract: Command) -> None:
    names = drawn(tmp_path / "shop", 4)
    feed, store = tmp_path / "shop" / "feed.csv", tmp_path / "store"
    feed.write_text(plain([Ware("a", tuple(names[:2])), Ware("b", (names[2],), price="free")]))
    asked = (feed, "--store", store, "--json")
    done = extract(*asked, "--dry-run", *LITE0)
    assert (done.returncode, done.stderr) == (1, "")
    planned = json.loads(done.stdout)
    assert not store.exists()
    (detail,) = planned.pop("failed")
    assert (detail["line"], detail["code"]) == (4, "bad_price")
    expected = {"format": "csv", "products": 2, "pictures": 3, "rows_failed": 1, "added": 2}
    assert planned == {
        **expected,
        **dict.fromkeys(("updated", "removed", "spared", "removed_pictures"), 0),
        "new_pictures": 3,
    }
    (update,) = json.loads(extract(*asked, *LITE0).stdout)
    assert update["extractor"] == "efficientnet_lite0"
    assert update["failed"] == [detail]
    assert planned.items() <= update.items()


def test_a_dry_run_in_words(tmp_path: Path, extract: Command) -> None:
    catalog, store = shop(tmp_path / "shop", 3), tmp_path / "store"
    extract(catalog, "--store", store, *LITE0)
    shop(tmp_path / "shop", 3, first=1)
    done = extract(catalog, "--store", store, "--dry-run", *LITE0)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "csv: 3 products, 3 pictures, 0 rows failed; a run would add 1 products, update 0 and "
        "remove 1, with 1 new pictures and 1 removed\n"
    )
    done = extract(catalog, "--store", store, "--dry-run", "--keep-missing", *LITE0)
    assert "remove 0" in done.stdout
    done = extract(catalog, "--store", store, "--keep-missing", *LITE0)
    assert done.stdout.endswith("products: 1 added, 0 updated, 0 removed\n")


def test_a_broken_export_says_that_products_stay(tmp_path: Path, extract: Command) -> None:
    catalog, store = shop(tmp_path / "shop", 3), tmp_path / "store"
    extract(catalog, "--store", store, *LITE0)
    text = catalog.read_text()
    catalog.write_text(text.replace("p02,", 'p02,"'))
    for more in (["--dry-run"], []):
        done = extract(catalog, "--store", store, *more, *LITE0)
        assert done.returncode == 1
        assert done.stderr.startswith("failed: line 4: the row cannot be read")
        assert done.stdout.splitlines()[1].startswith("1 products that the feed does not name stay")
    assert set(opened(store).products) == {"p00", "p01", "p02"}


def test_columns_by_other_names_are_mapped(tmp_path: Path, extract: Command) -> None:
    (name,) = drawn(tmp_path, 1)
    (tmp_path / "feed.csv").write_text(f"Nr;Name;Preis;Foto\n1;Hut;1.299,00 €;{name}\n")
    named = [f"--map={pair}" for pair in ("id=Nr", "title=Name", "price=Preis", "image=Foto")]
    done = extract(tmp_path / "feed.csv", "--store", tmp_path / "store", *named, *LITE0)
    assert (done.returncode, done.stderr) == (0, "")
    product = opened(tmp_path / "store").products["1"]
    assert (product.title, str(product.price), product.currency) == ("Hut", "1299.00", "EUR")
    done = extract(tmp_path / "feed.csv", "--store", tmp_path / "store", *named[:3], *LITE0)
    assert done.returncode == 2
    assert "lacks the column 'image'" in done.stderr


def test_pictures_on_this_machine_are_fetched_only_when_allowed(
    tmp_path: Path, extract: Command
) -> None:
    with serving(lambda _: reply(body=picture(1))) as web:
        feed = tmp_path / "feed.csv"
        feed.write_text(plain([Ware("a", (web.url("/a.png?key=secret"),))]))
        done = extract(feed, "--store", tmp_path / "store", *LITE0)
        assert (done.returncode, web.requests) == (1, [])
        assert "--allow-host" in done.stderr
        assert "secret" not in done.stderr
        allowed = (feed, "--store", tmp_path / "store", "--allow-host", "127.0.0.1")
        done = extract(*allowed, *LITE0)
        assert (done.returncode, done.stderr) == (0, "")
        extract(*allowed, *LITE0)
        assert len(web.requests) == 1
        extract(*allowed, "--refetch", *LITE0)
        assert len(web.requests) == 2


def test_a_second_extractor_makes_a_second_store_and_both_follow(
    tmp_path: Path, extract: Command
) -> None:
    catalog, store = shop(tmp_path / "shop", 2), tmp_path / "store"
    extract(catalog, "--store", store, *LITE0)
    done = extract(catalog, "--store", store, "--extractor", "efficientnet_lite1")
    assert (done.returncode, done.stderr) == (0, "")
    assert StoreSet(store).names() == ["efficientnet_lite0", "efficientnet_lite1"]
    shop(tmp_path / "shop", 3)
    (tmp_path / "shop" / "01.png").unlink()
    done = extract(catalog, "--store", store)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == StoreSet(store).names()
    assert done.stdout.count("1 new, 1 reused, 0 removed, 1 failed") == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_of_pictures_that_is_not_there_is_one_clear_line(
    tmp_path: Path, extract: Command
) -> None:
    catalog = shop(tmp_path / "shop", 1)
    for more in (["--dry-run"], []):
        done = extract(
            catalog, "--store", tmp_path / "store", "--pictures", "nowhere", *more, *LITE0
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "error: there is no folder nowhere; correct --pictures\n"
    assert not (tmp_path / "store").exists()


def test_a_table_that_cannot_be_written_is_one_clear_line(tmp_path: Path, extract: Command) -> None:
    catalog = shop(tmp_path / "shop", 1)
    (tmp_path / "folder").mkdir()
    for table in (tmp_path / "nowhere" / "vectors.csv", tmp_path / "folder"):
        done = extract(catalog, "--store", tmp_path / "store", "--csv", table, *LITE0)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith("error: ")


def test_a_table_in_a_folder_that_is_not_there_is_told_before_the_work(
    tmp_path: Path, extract: Command
) -> None:
    catalog = shop(tmp_path / "shop", 1)
    table = tmp_path / "nowhere" / "vectors.csv"
    done = extract(catalog, "--store", tmp_path / "store", "--csv", table, *LITE0)
    (line,) = done.stderr.splitlines()
    assert "correct --csv" in line
    assert not (tmp_path / "store").exists()


def test_the_woocommerce_sample_is_counted_right(
    tmp_path: Path, shared_data: Path, extract: Command
) -> None:
    feed = shared_data / "data" / "feeds" / "woocommerce_sample_products.csv"
    found = dry_run(extract, feed, tmp_path)
    rows = pd.read_csv(feed, dtype=str, keep_default_na=False)
    assert set(rows["Published"]) == {"1"}
    variations = rows["Type"].str.contains("variation")
    locations = {
        (row["Parent"] if "variation" in row["Type"] else row["SKU"] or f"id:{row['ID']}", url)
        for _, row in rows.iterrows()
        for url in re.split(r",\s*(?=http)", row["Images"])
        if url
    }
    assert (
        (found["products"], found["pictures"]) == ((~variations).sum(), len(locations)) == (15, 26)
    )
    assert (found["format"], found["rows_failed"]) == ("woocommerce", 0)


def test_the_flipkart_sample_is_counted_right(
    tmp_path: Path, shared_data: Path, extract: Command
) -> None:
    feed = shared_data / "data" / "feeds" / "flipkart_sample_400.csv"
    found = dry_run(extract, feed, tmp_path)
    rows = pd.read_csv(feed, dtype=str, keep_default_na=False)
    urls = sum(len(set(json.loads(cell))) for cell in rows["image"])
    assert (found["products"], found["pictures"]) == (rows["uniq_id"].nunique(), urls)
    assert (found["products"], found["pictures"]) == (400, 1_876)
    assert (found["format"], found["rows_failed"]) == ("flipkart", 0)


def dry_run(extract: Command, feed: Path, folder: Path) -> dict[str, Any]:
    done = extract(feed, "--store", folder / "store", "--dry-run", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "store").exists()
    found: dict[str, Any] = json.loads(done.stdout)
    return found
