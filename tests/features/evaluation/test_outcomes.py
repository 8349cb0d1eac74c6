"""Where the right product comes, and how precisely all of its pictures do."""

from pathlib import Path

import numpy as np
import pytest

from features.evaluation.outcomes import Scan
from features.evaluation.probes import Kind, Probe
from features.store import StoreWriter
from features.types import Product
from tests.features.evaluation.line import asked, line
from tests.helpers import TINY, gallery


def test_a_picture_that_is_taken_out_is_not_found(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "a1", 0), ("a", "a2", 3), ("b", "b1", 1), ("c", "c1", 5))
    outcome = asked(view, "a", 0, "a1")
    assert [(found.product.id, found.distance) for found in outcome.found] == [
        ("b", 1),
        ("a", 3),
        ("c", 5),
    ]
    assert outcome.rank == 2
    assert outcome.right is not None
    assert outcome.right.distance == 3
    assert outcome.right_pictures == 1


def test_a_picture_that_two_products_share_is_taken_out_of_both(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "same", 0), ("a", "a2", 3), ("b", "same", 0), ("b", "b2", 9))
    assert asked(view, "a", 0, "same").rank == 1


def test_an_altered_picture_finds_itself_and_not_its_double(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "same", 0), ("b", "same", 0), ("c", "c1", 1))
    outcome = asked(view, "b", 0.1, "same", Kind.ALTERED)
    assert [found.product.id for found in outcome.found] == ["b", "c"]
    assert outcome.rank == 1


def test_precision_is_the_mean_over_all_pictures_of_the_product(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "1", 1), ("b", "2", 2), ("a", "3", 3), ("c", "4", 4), ("a", "5", 5))
    outcome = asked(view, "a", 0)
    assert outcome.average_precision == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)


def test_other_pictures_as_near_come_first_in_the_precision(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "1", 1), ("b", "2", 1), ("b", "3", -1))
    assert asked(view, "a", 0).average_precision == pytest.approx(1 / 3)


def test_ties_go_to_the_smaller_id_as_in_a_search(tmp_path: Path) -> None:
    view = line(tmp_path, ("b", "2", 1), ("a", "1", -1), ("c", "3", 1))
    assert [found.product.id for found in asked(view, "b", 0).found] == ["a", "b", "c"]
    assert [asked(view, name, 0).rank for name in "abc"] == [1, 2, 3]


def test_a_product_that_the_store_lacks_has_no_rank(tmp_path: Path) -> None:
    outcome = asked(line(tmp_path, ("a", "1", 0)), "z", 0)
    assert (outcome.rank, outcome.right, outcome.average_precision) == (None, None, 0)
    assert len(outcome.found) == 1


def test_deleted_rows_are_not_found(tmp_path: Path) -> None:
    line(tmp_path, ("a", "1", 5), ("b", "2", 0))
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append([], np.zeros((0, TINY.dim), np.float32), [Product("a")], replacing=[1])
        outcome = asked(writer.view(), "a", 0)
    assert [found.product.id for found in outcome.found] == ["a"]


def test_many_random_rows_are_ranked_as_one_by_one(tmp_path: Path) -> None:
    pictures, vectors, products = gallery(300)
    with StoreWriter(tmp_path, TINY) as writer:
        writer.append(pictures[:200], vectors[:200], products[:200])
        writer.append(pictures[200:], vectors[200:], products[200:])
        view = writer.view()
    query = np.random.default_rng(1).normal(size=(1, TINY.dim)).astype(np.float32)
    distances = np.linalg.norm(vectors.astype(np.float64) - query, axis=1)
    order = np.argsort(distances)
    for rank in (1, 2, 150, 300):
        right = products[order[rank - 1]].id
        (outcome,) = Scan(view).outcomes([Probe(right, "", Kind.PHOTO)], query)
        assert outcome.rank == rank
        assert outcome.average_precision == pytest.approx(1 / rank)
        nearest = [found.distance for found in outcome.found]
        assert nearest == pytest.approx(np.sort(distances)[:3].tolist(), abs=1e-6)
