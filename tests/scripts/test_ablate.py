"""The table of what each ingredient adds."""

from pathlib import Path

import numpy as np
import pytest

from scripts.ablation.ingredients import COLOURS, EIGHT_BITS, INGREDIENTS, PLAIN
from scripts.ablation.ranking import expanded, nearest_products
from tests.helpers import ROOT, drawing, encoded, run_python, write_catalog

PHOTO = np.array([[1, 0]], dtype=np.float32)
GALLERY = np.array([[1, 0], [-1, 0], [0.8, 0.6], [0.8, -0.6]], dtype=np.float32)
OWNERS = ["lucky", "lucky", "steady", "steady"]


def test_the_nearest_picture_of_a_product_counts() -> None:
    assert nearest_products(PHOTO, GALLERY, OWNERS, best=1) == [["lucky", "steady"]]


def test_the_best_two_pictures_of_a_product_count_together() -> None:
    assert nearest_products(PHOTO, GALLERY, OWNERS, best=2) == [["steady", "lucky"]]


def test_a_product_with_one_picture_is_ranked_by_it() -> None:
    alone = [*OWNERS[:2], "steady", "alone"]
    assert nearest_products(PHOTO, GALLERY, alone, best=2)[0][-1] == "lucky"


def test_a_photo_moves_towards_its_neighbours() -> None:
    (moved,) = expanded(PHOTO, GALLERY[2:3], 1)
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert 0 < moved[1] < 0.6
    np.testing.assert_array_equal(expanded(PHOTO, GALLERY, 0), PHOTO)


def test_the_kept_rows_lead_from_the_plain_extractor_to_the_one_that_is_offered() -> None:
    kept = [(one.variant, one.colours) for one in INGREDIENTS if one.kept]
    assert (kept[0], kept[-1]) == ((PLAIN, 0), (EIGHT_BITS, COLOURS))


@pytest.mark.slow
def test_the_table_has_a_row_for_an_ingredient(tmp_path: Path) -> None:
    rows = []
    for number in range(24):
        name = f"{number}.png"
        (tmp_path / name).write_bytes(encoded(drawing(number % 6, (60 + number, 80))))
        rows.append({"id": f"p{number % 6}", "title": "Thing", "category": "A", "image": name})
    catalog = write_catalog(tmp_path, rows)
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id,category\n0.png,p0,A\n7.png,p1,A\n")
    (tmp_path / "kept").mkdir()
    options = ("--rows", "without adaptation", "--vectors", tmp_path / "kept")
    done = run_python(ROOT / "scripts" / "ablate.py", queries, catalog, *options)
    assert done.returncode == 0, done.stderr
    assert "the same without adaptation" in done.stdout
    assert "1.000 (1.000 to 1.000)" in done.stdout
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_photos_that_are_not_there_are_named(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path, [])
    done = run_python(ROOT / "scripts" / "ablate.py", tmp_path / "none.csv", catalog)
    assert (done.returncode, "none.csv" in done.stderr) == (2, True)
