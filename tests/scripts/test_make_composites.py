"""Photos with several products, pasted together."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.evaluation import read_queries
from features.extractors import Extractor
from features.pipeline import build_store
from scripts.composites.pictures import write_composites
from tests.helpers import ROOT, drawing, encoded, pictures_in, run_python, shop

pytestmark = pytest.mark.slow


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    shop(tmp_path, 4)
    lines = ["image,product_id,category"]
    for number in range(10):
        name = f"q{number}.png"
        (tmp_path / name).write_bytes(encoded(drawing(number % 4, (200 + number * 40, 300))))
        lines.append(f"{name},p0{number % 4},odd")
    path = tmp_path / "photos.csv"
    path.write_text("\n".join(lines))
    return path


def test_every_photo_is_pasted_once_and_no_two_touch(tmp_path: Path, queries: Path) -> None:
    out = tmp_path / "out"
    assert write_composites(read_queries(queries), out) == 3
    made = read_queries(out / "composites.csv")
    assert Counter(row.product_id for row in made) == {"p00": 3, "p01": 3, "p02": 2, "p03": 2}
    assert {row.path for row in made} == set(out.glob("*.jpg"))
    for path in out.glob("*.jpg"):
        rows = [row for row in made if row.path == path]
        assert len({row.product_id for row in rows}) == len(rows)
        boxes = [row.box for row in rows if row.box]
        assert len(boxes) == len(rows)
        assert all(box.checked() for box in boxes)
        assert not any(one.overlap(other) for one, other in combinations(boxes, 2))


def test_the_same_seed_makes_the_same_pictures(tmp_path: Path, queries: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        write_composites(read_queries(queries), tmp_path / name, photos=2, count=2, seed=seed)
    one, two, three = (
        [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("one", "two", "three")
    )
    assert len(one) == 3
    assert one == two != three


def test_the_boxes_are_what_evaluate_searches_with(
    tmp_path: Path, queries: Path, extractor: Extractor
) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    build_store(read_catalog(tmp_path / "catalog.csv"), pictures_in(tmp_path), store, extractor)
    made = run_python(ROOT / "scripts" / "make_composites.py", queries, out, "--count", 2)
    assert (made.returncode, made.stderr) == (0, "")
    recalls = []
    for search in ("box", "whole"):
        arguments = (out / "composites.csv", "--store", store, "--search", search, "--json")
        done = run_python(ROOT / "scripts" / "evaluate.py", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        recalls.append(json.loads(done.stdout)["recall@1"])
    assert recalls[0] == 1 > recalls[1]
