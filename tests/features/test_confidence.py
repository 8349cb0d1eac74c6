"""Whether similarities tell what a store sells from what it does not, in numbers."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from features.catalog import read_catalog
from features.confidence import Confidence, area_under_roc, measure_confidence
from features.errors import QueriesError, VisualSearchError
from features.evaluation import LabelledQuery
from features.extractors import Extractor
from features.pipeline import build_store
from features.search import SearchService
from features.similarity import calibrate_store
from features.types import Box, Query, Wanted
from tests.helpers import ROOT, pictures_in, run_python, shop, write_catalog

PRODUCTS = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, extractor: Extractor) -> Path:
    """A calibrated store of two categories, its catalogue beside it, and one more picture."""
    folder = tmp_path_factory.mktemp("confidence")
    shop(folder, PRODUCTS + 1)
    rows = [
        {"id": f"p{n}", "category": "even" if n % 2 == 0 else "odd", "image": f"0{n}.png"}
        for n in range(PRODUCTS)
    ]
    pictures = pictures_in(folder)
    build_store(read_catalog(write_catalog(folder, rows)), pictures, folder / "store", extractor)
    calibrate_store(folder / "store", extractor, pictures)
    return folder


@pytest.fixture(scope="module")
def service(folder: Path, extractor: Extractor) -> SearchService:
    return SearchService(folder / "store", extractor)


def photo(folder: Path, number: int, product: int | None = None) -> LabelledQuery:
    shown = number if product is None else product
    return LabelledQuery(folder / f"0{number}.png", f"p{shown}", "")


def test_the_store_s_own_pictures_are_all_above_its_threshold(
    folder: Path, service: SearchService
) -> None:
    heard: list[None] = []
    queries = [photo(folder, n) for n in range(PRODUCTS)]
    figures = measure_confidence(service, queries, lambda: heard.append(None))
    assert len(heard) == figures.queries == figures.sold == PRODUCTS
    assert figures.threshold == service.calibration.threshold
    for share in (figures.right_above_threshold, figures.first_confident):
        assert share is not None
        assert (share.value, share.low, share.high) == (1, 1, 1)
    assert figures.auc_product_left_out is not None
    assert figures.auc_product_left_out.value == 1  # 100 is above everything


def test_a_refusal_is_that_of_a_search_without_the_product(
    folder: Path, service: SearchService
) -> None:
    for number in range(PRODUCTS):
        query = photo(folder, number)
        figures = measure_confidence(service, [query])
        without = Wanted(limit=1, exclude=frozenset([query.product_id]))
        found = service.search(Query(query.path.read_bytes()), without)
        assert figures.refused_product_left_out is not None
        assert figures.refused_product_left_out.value == found.no_confident_match
        alike = frozenset(f"p{n}" for n in range(number % 2, PRODUCTS, 2))
        found = service.search(Query(query.path.read_bytes()), Wanted(limit=1, exclude=alike))
        assert figures.refused_category_left_out is not None
        assert figures.refused_category_left_out.value == found.no_confident_match


def test_the_right_product_counts_wherever_it_ranks(folder: Path, service: SearchService) -> None:
    hits = service.search(Query(photo(folder, 0).path.read_bytes()), Wanted(limit=PRODUCTS)).hits
    for hit in hits:
        query = photo(folder, 0, int(hit.product.id[1:]))
        share = measure_confidence(service, [query]).right_above_threshold
        assert share is not None
        assert share.value == (hit.similarity >= service.calibration.threshold)


def test_a_product_that_the_store_does_not_have_was_never_sold(
    folder: Path, service: SearchService
) -> None:
    figures = measure_confidence(service, [photo(folder, PRODUCTS)])
    assert (figures.queries, figures.sold) == (1, 0)
    assert figures.right_above_threshold is figures.first_confident is None
    assert figures.refused_product_left_out is not None
    assert figures.refused_category_left_out is figures.auc_product_left_out is None


def test_a_wider_doubt_has_a_wider_interval(folder: Path, service: SearchService) -> None:
    right, wrong = photo(folder, 0), photo(folder, 0, 9)
    few = measure_confidence(service, [right, photo(folder, 1, 0)]).auc_product_left_out
    many = measure_confidence(service, [right, photo(folder, 1, 0)] * 20).auc_product_left_out
    assert few is not None
    assert many is not None
    assert few.low <= many.low <= many.value <= many.high <= few.high
    assert many.value == few.value
    assert measure_confidence(service, [right, wrong]).sold == 1


def test_the_part_of_a_photo_that_is_chosen_is_what_counts(
    folder: Path, service: SearchService
) -> None:
    box = Box(0, 0, 0.5, 0.5)
    whole = measure_confidence(service, [photo(folder, 0)], choose=lambda *_: None)
    part = measure_confidence(service, [photo(folder, 0)], choose=lambda *_: box)
    assert whole.right_above_threshold is not None
    assert whole.right_above_threshold.value == 1
    found = service.search(Query(photo(folder, 0).path.read_bytes(), box), Wanted(limit=1))
    assert part.first_confident is not None
    assert part.first_confident.value == (not found.no_confident_match)


def test_the_area_under_the_curve_counts_pairs_and_half_of_the_ties() -> None:
    random = np.random.default_rng(3)
    higher, lower = random.integers(3, 9, 40).astype(float), random.integers(0, 7, 30).astype(float)
    pairs = [(h > low) + (h == low) / 2 for h, low in itertools.product(higher, lower)]
    assert area_under_roc(higher, lower) == pytest.approx(np.mean(pairs))
    assert area_under_roc(higher, higher) == 0.5
    assert area_under_roc(np.array([2.0, np.nan]), np.array([1.0, np.nan])) == 1
    assert np.isnan(area_under_roc(np.array([np.nan]), lower))


def test_without_queries_there_is_nothing_to_tell(service: SearchService) -> None:
    with pytest.raises(QueriesError, match="no queries"):
        measure_confidence(service, [])


def test_a_photo_that_cannot_be_used_is_named(folder: Path, service: SearchService) -> None:
    (folder / "bad.png").write_bytes((folder / "00.png").read_bytes()[:100])
    for name in ("bad.png", "missing.png"):
        with pytest.raises(VisualSearchError, match=name):
            measure_confidence(service, [LabelledQuery(folder / name, "p0", "")])


@pytest.mark.slow
def test_the_command_prints_each_figure_with_its_interval(folder: Path) -> None:
    rows = "".join(f"0{n}.png,p{n}\n" for n in range(PRODUCTS))
    (folder / "queries.csv").write_text("image,product_id\n" + rows)
    command = [ROOT / "scripts" / "evaluate.py", folder / "queries.csv", "--similarity"]
    done = run_python(*command, "--store", folder / "store", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert list(answer) == list(Confidence.__dataclass_fields__)
    assert answer["right_above_threshold"] == {"value": 1, "low": 1, "high": 1}
    done = run_python(*command, "--store", folder / "store")
    assert "sold: right product above the threshold  1.000  1.000 to 1.000" in done.stdout
