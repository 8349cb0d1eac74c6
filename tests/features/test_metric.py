"""How a store tells distances: recorded, never mixed, and always of the same ranking."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import MetricError
from features.store import StoreWriter, open_store
from features.types import Metric
from tests.helpers import TINY


def test_all_metrics_are_told_from_the_euclidean_distance() -> None:
    one, other = np.array([1.0, 0.0]), np.array([0.6, 0.8])
    euclidean = float(np.linalg.norm(one - other))
    assert Metric.EUCLIDEAN.of(euclidean) == euclidean
    assert Metric.COSINE.of(euclidean) == pytest.approx(1 - one @ other)
    assert Metric.DOT.of(euclidean) == pytest.approx(-(one @ other))


def test_a_store_keeps_the_metric_that_it_was_made_with(tmp_path: Path) -> None:
    StoreWriter(tmp_path / "store", TINY, metric=Metric.COSINE).close()
    StoreWriter(tmp_path / "store", TINY).close()
    assert open_store(tmp_path / "store").metric is Metric.COSINE


def test_another_metric_is_refused_and_the_store_stays_as_it_is(tmp_path: Path) -> None:
    StoreWriter(tmp_path / "store", TINY, metric=Metric.COSINE).close()
    with pytest.raises(MetricError, match="metric cosine, not dot; leave the metric out"):
        StoreWriter(tmp_path / "store", TINY, metric=Metric.DOT)
    assert open_store(tmp_path / "store").metric is Metric.COSINE


def test_vectors_of_any_length_have_no_other_metric_than_the_euclidean(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="use the metric euclidean"):
        StoreWriter(tmp_path / "store", replace(TINY, normalized=False), metric=Metric.DOT)
    assert not (tmp_path / "store" / "manifest.json").exists()
