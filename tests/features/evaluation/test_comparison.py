"""Two stores that are asked the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from features.catalog import read_catalog
from features.errors import TooFewPicturesError
from features.evaluation import Answers, Outcome, compare, shared_photos, shared_pictures
from features.evaluation.probes import Kind, Probe
from features.evaluation.queries import LabelledQuery
from features.extractors import Extractor
from features.pipeline import build_store
from features.search import SearchService
from tests.features.evaluation.line import asked, line
from tests.helpers import pictures_in, shop


@pytest.fixture
def good(tmp_path: Path) -> list[Outcome]:
    """Thirty products that are all found first."""
    rows = [(f"p{n:02}", f"c{n}", float(n)) for n in range(30)]
    view = line(tmp_path, *rows)
    return [asked(view, name, place) for name, _, place in rows]


def worse(outcomes: list[Outcome], count: int) -> list[Outcome]:
    return [
        replace(one, rank=2, average_precision=0.5) if n < count else one
        for n, one in enumerate(outcomes)
    ]


def answers(outcomes: list[Outcome]) -> Answers:
    return Answers(tuple(outcomes))


def test_a_store_that_finds_clearly_more_is_better(good: list[Outcome]) -> None:
    compared = compare(answers(worse(good, 15)), answers(good))
    recall = compared.metrics["recall@1"]
    assert recall is not None
    assert (recall.one, recall.other, recall.difference.value) == (0.5, 1, 0.5)
    assert recall.better == 1
    turned = compare(answers(good), answers(worse(good, 15))).metrics["recall@1"]
    assert turned is not None
    assert turned.better == -1
    assert (turned.difference.low, turned.difference.high) == pytest.approx(
        (-recall.difference.high, -recall.difference.low)
    )


def test_one_picture_of_thirty_shows_no_difference(good: list[Outcome]) -> None:
    recall = compare(answers(worse(good, 1)), answers(good)).metrics["recall@1"]
    assert recall is not None
    assert recall.difference.value > 0
    assert recall.better == 0


def test_pairs_tell_more_than_the_figures_apart(good: list[Outcome]) -> None:
    recall = compare(answers(worse(good, 15)), answers(worse(good, 10))).metrics["recall@1"]
    assert recall is not None
    assert recall.better == 1  # 0.50 and 0.67, each with an interval of about +-0.18


def test_pictures_that_one_store_did_not_answer_are_left_out(good: list[Outcome]) -> None:
    compared = compare(Answers(tuple(good[:20]), unreadable=10), answers(good))
    assert (compared.pictures, compared.unreadable) == (20, 10)
    with pytest.raises(TooFewPicturesError):
        compare(Answers((), unreadable=30), answers(good))


def test_precision_is_not_compared_where_one_store_has_more_to_find(good: list[Outcome]) -> None:
    more = [replace(one, right_pictures=2) for one in good]
    assert compare(answers(good), answers(more)).metrics["mAP"] is None
    assert compare(answers(good), answers(good)).metrics["mAP"] is not None


def test_only_what_both_stores_have_is_asked(tmp_path: Path, extractor: Extractor) -> None:
    one, other = (service(tmp_path / str(n), extractor, first=n) for n in (0, 1))
    shared = shared_pictures(one, other)
    assert {probe.product_id for probe in shared.probes} == {"p01", "p02"}
    assert shared.missing_products == 2
    photos = [
        Probe(name, "", Kind.PHOTO, LabelledQuery(tmp_path / "x.png", name, ""))
        for name in ("p00", "p01", "p99")
    ]
    of_photos = shared_photos(one, other, photos)
    assert (of_photos.probes, of_photos.missing_products) == ((photos[1],), 2)


def test_stores_without_anything_in_common_are_refused(
    tmp_path: Path, extractor: Extractor
) -> None:
    one, other = (service(tmp_path / str(n), extractor, first=n) for n in (0, 10))
    with pytest.raises(TooFewPicturesError, match=r"QUERIES\.csv"):
        shared_pictures(one, other)
    with pytest.raises(TooFewPicturesError, match="both"):
        shared_photos(one, other, [])


def service(folder: Path, extractor: Extractor, first: int) -> SearchService:
    catalog = read_catalog(shop(folder, 3, first))
    build_store(catalog, pictures_in(folder), folder / "store", extractor)
    return SearchService(folder / "store", extractor)
