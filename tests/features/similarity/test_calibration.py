"""Similarities: 100 for the same, never rising with distance, the same meaning in every store."""

import itertools
import json
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalog import read_catalog
from features.errors import StoreCorruptError
from features.extractors import Extractor
from features.pipeline import build_store
from features.similarity import (
    CALIBRATION,
    Calibration,
    calibrate_store,
    fit,
    read_calibration,
    sample_distances,
)
from features.store import StoreWriter, open_store
from tests.helpers import TINY, gallery, picture, pictures_in, shop

NEAR = np.linspace(0.1, 0.6, 200)
FAR = np.linspace(0.5, 1.3, 400)


def test_an_equal_vector_is_100_and_the_rest_falls_to_0() -> None:
    curve = fit(NEAR, FAR, 10)
    shown = [curve.similarity(distance) for distance in np.linspace(0, 3, 500)]
    assert shown[0] == 100
    assert all(before >= after for before, after in itertools.pairwise(shown))
    assert shown[-1] == 0
    assert 99 < curve.similarity(0.05) < 100


def test_between_knots_the_curve_is_straight() -> None:
    random = np.random.default_rng(3)
    distances = tuple(np.unique(random.random(50)).tolist())
    similarities = tuple(np.sort(100 * random.random(50))[::-1].tolist())
    curve = Calibration(distances, similarities, 50.0, 1, 1, 1)
    for distance in (*random.random(1000).tolist(), *distances, -1.0, 0.0, 2.0, float("inf")):
        assert curve.similarity(distance) == np.interp(distance, distances, similarities)


def test_a_similarity_is_the_mean_share_that_is_farther() -> None:
    curve = fit(NEAR, FAR, 10)
    assert curve.similarity(0.35) == pytest.approx(50 * (0.5 + 1.0), abs=1)
    assert curve.similarity(0.9) == pytest.approx(50 * (0.0 + 0.5), abs=1)


def test_nineteen_of_twenty_photos_are_above_the_threshold() -> None:
    curve = fit(NEAR, FAR, 10)
    above = [curve.similarity(distance) >= curve.threshold for distance in NEAR]
    assert np.mean(above) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(
    ("same", "other"),
    [([], []), ([0.2], []), ([], [0.9]), ([0.0, 0.0], [0.0]), ([0.3], [0.3]), ([0.9], [0.1])],
)
def test_samples_that_say_little_still_give_a_falling_curve(
    same: list[float], other: list[float]
) -> None:
    curve = fit(np.array(same), np.array(other), 1)
    shown = [curve.similarity(distance) for distance in np.linspace(0, 4, 100)]
    assert (shown[0], shown[-1]) == (100, 0)
    assert all(before >= after for before, after in itertools.pairwise(shown))
    assert 0 <= curve.threshold <= 100


def test_a_left_out_picture_meets_its_product_but_never_itself(tmp_path: Path) -> None:
    pictures, vectors, products = gallery(6)
    twice = [*pictures, *pictures]
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(twice, np.concatenate([vectors, vectors + 0.5]), products)
        samples = sample_distances(writer.view())
    assert samples.same == pytest.approx(np.full(12, 1.0))  # 0.5 in each of four numbers
    assert len(samples.other) == 12 * 20
    assert samples.other.min() > 0


def test_what_is_compared_with_is_of_other_products_and_can_be_found(tmp_path: Path) -> None:
    """Each product's pictures are alike, its number of units from the origin; some are deleted."""
    pictures, _, products = gallery(40)
    owned = [replace(it, product_id=f"p{row % 4:04}") for row, it in enumerate(pictures)]
    vectors = np.zeros((40, 4), np.float32)
    vectors[:, 0] = np.arange(40) % 4
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(owned, vectors, products[:4])
        writer.delete([0, 5, 39, *range(2, 40, 4)])
        samples = sample_distances(writer.view())
    assert set(samples.same.tolist()) == {0.0}
    assert set(samples.other.tolist()) == {1.0, 2.0, 3.0}
    assert len(samples.other) == 27 * 20


def test_a_calibration_takes_no_memory_for_each_picture_of_the_store(tmp_path: Path) -> None:
    pictures, vectors, products = gallery(60_000)
    twice = [
        replace(it, product_id=pictures[row // 2].product_id) for row, it in enumerate(pictures)
    ]
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(twice, vectors, products[:30_000])
        view = writer.view()
    tracemalloc.start()
    try:
        assert len(sample_distances(view).other) == 300 * 20
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_without_pictures_single_ones_play_no_part(tmp_path: Path) -> None:
    with StoreWriter(tmp_path, TINY, tmp_path) as writer:
        writer.append(*gallery(6))
        samples = sample_distances(writer.view())
    assert (len(samples.same), len(samples.other)) == (0, 0)


def test_a_store_is_calibrated_once_and_again_when_it_has_grown(
    tmp_path: Path, extractor: Extractor
) -> None:
    source, store = pictures_in(tmp_path), tmp_path / "store"
    build_store(read_catalog(shop(tmp_path, 10)), source, store, extractor)
    assert read_calibration(store) is None
    first = calibrate_store(store, extractor, source)
    assert (first.pictures, first.same, first.other) == (10, 10, 200)
    assert read_calibration(store) == first
    assert calibrate_store(store, extractor, source) == first
    build_store(read_catalog(shop(tmp_path, 12)), source, store, extractor)
    assert calibrate_store(store, extractor, source).pictures == 12


def test_two_that_calibrate_one_store_at_once_do_not_disturb_each_other(
    tmp_path: Path, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, store = pictures_in(tmp_path), tmp_path / "store"
    build_store(read_catalog(shop(tmp_path, 2)), source, store, extractor)
    flush, others = os.fsync, list[Calibration]()

    def flush_late(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", flush)
        others.append(calibrate_store(store, extractor, source))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", flush_late)
    assert calibrate_store(store, extractor, source) == read_calibration(store) == others[0]
    assert [path.name for path in store.glob(f"*{CALIBRATION}*")] == [CALIBRATION]


def test_half_of_a_calibration_that_a_killed_process_left_goes_with_the_next(
    tmp_path: Path, extractor: Extractor
) -> None:
    source, store = pictures_in(tmp_path), tmp_path / "store"
    build_store(read_catalog(shop(tmp_path, 1)), source, store, extractor)
    left = store / f".{CALIBRATION}.01234567"
    left.write_text("{")
    os.utime(left, (0, 0))
    calibrate_store(store, extractor, source)
    assert not left.exists()


def test_pictures_that_are_gone_do_not_stop_a_calibration(
    tmp_path: Path, extractor: Extractor
) -> None:
    source, store = pictures_in(tmp_path), tmp_path / "store"
    build_store(read_catalog(shop(tmp_path, 4)), source, store, extractor)
    for number in range(3):
        (tmp_path / f"{number:02}.png").unlink()
    assert calibrate_store(store, extractor, source).same == 1


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "distances": 3}', "[" * 100_000]
)
def test_a_damaged_calibration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / CALIBRATION).write_text(text)
    with pytest.raises(StoreCorruptError, match="extract the catalogue again"):
        read_calibration(tmp_path)


def test_a_calibration_is_plain_json(tmp_path: Path) -> None:
    curve = fit(NEAR, FAR, 10)
    (tmp_path / CALIBRATION).write_text(curve.to_json())
    assert json.loads(curve.to_json())["format"] == 1
    assert read_calibration(tmp_path) == curve


def test_a_searched_store_without_calibration_makes_do_with_its_vectors(
    tmp_path: Path, extractor: Extractor
) -> None:
    from features.search import SearchService
    from features.types import Query

    build_store(read_catalog(shop(tmp_path, 5)), pictures_in(tmp_path), tmp_path / "s", extractor)
    hits = SearchService(tmp_path / "s", extractor).search(Query(picture(2))).hits
    assert hits[0].similarity == 100
    assert [hit.similarity for hit in hits] == sorted((h.similarity for h in hits), reverse=True)
    assert open_store(tmp_path / "s").version == 1
