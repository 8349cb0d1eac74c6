"""Large catalogues: exactly the bad rows are reported, and a second run hardly costs anything."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest

import features.pipeline.gallery
from features.catalog import read_catalog
from features.extractors import Extractor
from features.pipeline import build_store
from features.store import open_store
from tests.helpers import CountingExtractor, at_length, drawing, encoded, pictures_in, run_python

ROWS = at_length(100_000, 20_000)
BAD = ROWS // 100
PICTURES = 8
COLUMNS = ["id", "title", "description", "category", "price", "currency", "image"]

Row = list[str]


def good(number: int) -> Row:
    return [
        f"sku-{number}",
        f"Thing {number}",
        f"Words about thing {number}, its colour and its size",
        "Home > Things",
        f"{number % 900 + 1}.99",
        "EUR",
        f"{number % PICTURES}.jpg",
    ]


def with_cell(column: str, text: str) -> Callable[[Row], Row]:
    position = COLUMNS.index(column)
    return lambda row: [*row[:position], text, *row[position + 1 :]]


# What is wrong with a row, by the code that it is reported with. Line 2 is always good.
FAULTS: dict[str, Callable[[Row], Row]] = {
    "no_id": with_cell("id", ""),
    "no_picture": with_cell("image", ""),
    "too_many_cells": lambda row: [*row, "more", "cells"],
    "not_utf8": with_cell("title", "\udce9t\udce9"),
    "duplicate_id": with_cell("id", "sku-0"),
    "duplicate_row": lambda _: good(0),
    "picture_not_found": with_cell("image", "missing.jpg"),
    "picture_outside_catalog": with_cell("image", "../secret.jpg"),
    "not_a_picture": with_cell("image", "words.jpg"),
    "broken_picture": with_cell("image", "torn.jpg"),
}


def write_feed(folder: Path, seed: int) -> set[tuple[int, str]]:
    """A feed with faults all over it, and where each is: its line, with the code."""
    chance = random.Random(seed)
    codes = [*FAULTS] * (BAD // len(FAULTS))
    chance.shuffle(codes)
    faults = dict(zip(sorted(chance.sample(range(1, ROWS), BAD)), codes, strict=True))
    with (folder / "catalog.csv").open(
        "w", encoding="utf-8", errors="surrogateescape", newline=""
    ) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(ROWS):
            code = faults.get(number)
            writer.writerow(FAULTS[code](good(number)) if code else good(number))
    return {(number + 2, code) for number, code in faults.items()}


def write_pictures(folder: Path) -> None:
    for number in range(PICTURES):
        (folder / f"{number}.jpg").write_bytes(encoded(drawing(number, (300, 300)), "JPEG"))
    (folder / "torn.jpg").write_bytes((folder / "0.jpg").read_bytes()[:2000])
    (folder / "words.jpg").write_text("This is not a picture.")


AGAIN = """
import sys
from pathlib import Path
from features.catalog import read_catalog
from features.extractors import load_extractor
from features.pipeline import build_store
from tests.helpers import pictures_in
folder = Path(sys.argv[1])
done = build_store(
    read_catalog(folder / "catalog.csv"),
    pictures_in(folder),
    folder / "store",
    load_extractor(),
    stamps=folder / "stamps.sqlite",
)
print(done.new, done.added, done.updated, done.removed, len(done.failed))
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.slow
def test_of_many_rows_exactly_the_bad_ones_are_reported(
    tmp_path: Path, counting: CountingExtractor
) -> None:
    expected = write_feed(tmp_path, seed=20)
    write_pictures(tmp_path)
    summary = build_store(
        read_catalog(tmp_path / "catalog.csv"),
        pictures_in(tmp_path),
        tmp_path / "store",
        counting,
        stamps=tmp_path / "stamps.sqlite",
    )
    assert len(summary.failed) == BAD
    assert {(error.line, error.row_code) for error in summary.failed} == expected
    assert len({code for _, code in expected}) == len(FAULTS)
    assert counting.embedded == summary.new == PICTURES
    view = open_store(tmp_path / "store", counting.spec)
    lines = {line for line, _ in expected}
    assert set(view.products) == {f"sku-{n}" for n in range(ROWS) if n + 2 not in lines}
    assert len(view.products) == view.picture_count == ROWS - BAD

    again = run_python("-c", AGAIN, tmp_path)
    assert again.returncode == 0, again.stderr
    counts, megabytes = again.stdout.splitlines()
    assert counts == f"0 0 0 0 {BAD}"
    assert int(megabytes) < 600
    assert open_store(tmp_path / "store").version == view.version


class Reads:
    """The pictures of a folder, and how many of them were read."""

    def __init__(self, folder: Path) -> None:
        self._pictures = pictures_in(folder)
        self.folder = self._pictures.folder
        self.count = 0

    def read(self, *arguments: object) -> bytes:
        self.count += 1
        return self._pictures.read(*arguments)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._pictures, name)


def test_a_run_without_changes_reads_nothing_embeds_nothing_and_commits_nothing(
    tmp_path: Path, extractor: Extractor
) -> None:
    rows = [",".join(COLUMNS)]
    for number in range(40):
        (tmp_path / f"{number}.jpg").write_bytes(encoded(drawing(number), "JPEG"))
        rows.append(",".join([*good(number)[:2], "Words", *good(number)[3:6], f"{number}.jpg"]))
    (tmp_path / "catalog.csv").write_text("\n".join(rows))

    def run() -> tuple[int, int, int]:
        pictures, counting = Reads(tmp_path), CountingExtractor(extractor)
        build_store(
            read_catalog(tmp_path / "catalog.csv"),
            pictures,  # type: ignore[arg-type]
            tmp_path / "store",
            counting,
            stamps=tmp_path / "stamps.sqlite",
        )
        return pictures.count, counting.embedded, open_store(tmp_path / "store").version

    first = run()
    assert first[:2] == (40, 40)
    assert run() == (0, 0, first[2])


def test_a_picture_that_many_products_share_is_embedded_once(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features.pipeline.gallery, "_SEGMENT_ROWS", 50)
    (tmp_path / "a.png").write_bytes(encoded(drawing(1)))
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    rows = ["id,image", *(f"p{n},{'ab'[n % 2]}.png" for n in range(300))]
    (tmp_path / "catalog.csv").write_text("\n".join(rows))
    counting = CountingExtractor(extractor)
    summary = build_store(
        read_catalog(tmp_path / "catalog.csv"), pictures_in(tmp_path), tmp_path / "store", counting
    )
    assert (summary.new, summary.reused, counting.embedded) == (1, 299, 1)
    view = open_store(tmp_path / "store")
    assert view.picture_count == len(view.products) == 300
    assert len({view.vector(row).tobytes() for row in range(len(view.pictures))}) == 1
    assert view.version >= 300 // 50  # what is done is stored before the end
