"""Which pictures a store is asked for, and how."""

from pathlib import Path

import pytest

from features.errors import TooFewPicturesError
from features.evaluation.probes import Kind, in_both, own_probes, sample
from tests.features.evaluation.line import digest, line


def test_pictures_of_products_with_several_are_taken_out_others_altered(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "a1", 0), ("b", "b1", 1), ("a", "a2", 2))
    kinds = {(probe.product_id, probe.content_hash): probe.kind for probe in own_probes(view)}
    assert kinds == {
        ("a", digest("a1")): Kind.TAKEN_OUT,
        ("a", digest("a2")): Kind.TAKEN_OUT,
        ("b", digest("b1")): Kind.ALTERED,
    }


def test_the_same_picture_twice_is_one_picture(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "same", 0), ("a", "same", 0))
    (probe,) = own_probes(view)
    assert probe.kind is Kind.ALTERED


def test_a_sample_is_the_same_wherever_the_pictures_are(tmp_path: Path) -> None:
    rows = [(f"p{n}", f"c{n}", float(n)) for n in range(30)]
    one = own_probes(line(tmp_path / "one", *rows))
    other = own_probes(line(tmp_path / "other", *reversed(rows)))
    assert sample(one, 10) == sample(other, 10)
    assert sample(one, 10) != sample(one, 10, seed=1)
    assert len(sample(one, 100)) == 30


def test_one_product_is_too_few(tmp_path: Path) -> None:
    view = line(tmp_path, ("a", "a1", 0), ("a", "a2", 1))
    with pytest.raises(TooFewPicturesError, match="two products"):
        sample(own_probes(view), 10)


def test_a_picture_is_only_taken_out_where_both_stores_have_another(tmp_path: Path) -> None:
    several = own_probes(line(tmp_path / "1", ("a", "a1", 0), ("a", "a2", 1), ("b", "b1", 2)))
    single = own_probes(line(tmp_path / "2", ("a", "a1", 0), ("c", "c1", 2)))
    for shared in (in_both(several, single), in_both(single, several)):
        assert [(probe.product_id, probe.kind) for probe in shared] == [("a", Kind.ALTERED)]
    assert in_both(several, several) == several
