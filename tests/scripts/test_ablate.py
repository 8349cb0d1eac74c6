"""The tables of what each ingredient, and each way of ranking, adds."""

from pathlib import Path

import numpy as np
import pytest

from features.types import Vectors
from features.vectors import unit
from scripts.ablation.answers import average_precision
from scripts.ablation.ingredients import COLOURS, EIGHT_BITS, INGREDIENTS, PLAIN
from scripts.ablation.ranking import (
    RANKINGS,
    by_distance,
    expanded,
    product_scores,
    reciprocal,
)
from scripts.ablation.reciprocal import Settings
from tests.helpers import ROOT, drawing, encoded, run_python, write_catalog

PHOTO = np.array([1, 0], dtype=np.float32)
GALLERY = np.array([[1, 0], [-1, 0], [0.8, 0.6], [0.8, -0.6]], dtype=np.float32)
LUCKY, STEADY = 0, 1
OWNERS = np.array([LUCKY, LUCKY, STEADY, STEADY])


def first(products: np.ndarray[tuple[int], np.dtype[np.int64]], best: int) -> list[int]:
    scores = product_scores(by_distance(GALLERY)(PHOTO), products, best)
    return np.argsort(scores).tolist()


def crowd(angles: list[float]) -> Vectors:
    """Vectors on a circle, by their angle in degrees."""
    turned = np.deg2rad(angles)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def test_the_nearest_picture_of_a_product_counts() -> None:
    assert first(OWNERS, best=1) == [LUCKY, STEADY]


def test_the_best_two_pictures_of_a_product_count_together() -> None:
    assert first(OWNERS, best=2) == [STEADY, LUCKY]


def test_a_product_with_one_picture_is_ranked_by_it() -> None:
    alone = np.array([0, 0, 1, 2])
    assert first(alone, best=2)[-1] == 0


def test_a_photo_moves_towards_its_neighbours() -> None:
    moved = unit((PHOTO + GALLERY[2])[None])[0]
    np.testing.assert_allclose(
        expanded(GALLERY[2:], 1)(crowd([1])[0]), by_distance(GALLERY[2:])(moved), atol=0.02
    )


def test_a_picture_that_shares_the_neighbours_of_the_photo_comes_before_a_nearer_one() -> None:
    near_to_others = [-5.0, -6.5, -7.0, -7.5, -8.0]
    gallery = crowd([*near_to_others, 5.5, 6.0, 6.5, 7.0])
    photo = crowd([0.0])[0]
    assert np.argmin(by_distance(gallery)(photo)) == 0
    again = reciprocal(gallery, Settings(neighbours=4, averaged=1))(photo)
    assert np.argsort(again)[:4].tolist() == [5, 6, 7, 8]


def test_pictures_behind_the_short_list_keep_their_order() -> None:
    gallery = crowd(np.linspace(0, 170, 300).tolist())
    scores = reciprocal(gallery)(crowd([0.0])[0])
    assert (np.diff(scores[200:]) > 0).all()
    assert scores[200:].min() > scores[:200].max()


def test_a_catalogue_smaller_than_any_neighbourhood_is_ranked_too() -> None:
    assert np.argmin(reciprocal(crowd([40.0, 5.0]))(crowd([0.0])[0])) == 1


def test_precision_is_the_mean_share_of_wanted_pictures_up_to_each() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4], dtype=np.float32)
    wanted = np.array([True, False, False, True])
    assert average_precision(scores, wanted) == pytest.approx((1 + 2 / 4) / 2)
    assert average_precision(scores, np.zeros(4, dtype=np.bool_)) == 0


def test_the_kept_rows_lead_from_the_plain_extractor_to_the_one_that_is_offered() -> None:
    kept = [(one.variant, one.colours) for one in INGREDIENTS if one.kept]
    assert (kept[0], kept[-1]) == ((PLAIN, 0), (EIGHT_BITS, COLOURS))


def test_one_way_of_ranking_is_kept() -> None:
    assert [ranking.name for ranking in RANKINGS if ranking.kept] == ["nearest picture"]


@pytest.mark.slow
def test_the_tables_have_rows_for_ingredients_and_rankings(tmp_path: Path) -> None:
    rows = []
    for number in range(24):
        name = f"{number}.png"
        (tmp_path / name).write_bytes(encoded(drawing(number % 6, (60 + number, 80))))
        rows.append({"id": f"p{number % 6}", "title": "Thing", "category": "A", "image": name})
    catalog = write_catalog(tmp_path, rows)
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id,category\n0.png,p0,A\n7.png,p1,A\n")
    (tmp_path / "kept").mkdir()
    kept = ("--vectors", tmp_path / "kept")
    done = run_python(
        ROOT / "scripts" / "ablate.py", queries, catalog, *kept, "--rows", "without adaptation"
    )
    assert done.returncode == 0, done.stderr
    assert "the same without adaptation" in done.stdout
    assert "1.000 (1.000 to 1.000)" in done.stdout
    assert len(list((tmp_path / "kept").iterdir())) == 2
    done = run_python(ROOT / "scripts" / "ablate.py", queries, catalog, *kept, "--rows", "nearest")
    assert done.returncode == 0, done.stderr
    assert "photos, adapted: nearest picture" in done.stdout
    assert "photos, plain: nearest picture" in done.stdout


def test_photos_that_are_not_there_are_named(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path, [])
    done = run_python(ROOT / "scripts" / "ablate.py", tmp_path / "none.csv", catalog)
    assert (done.returncode, "none.csv" in done.stderr) == (2, True)
