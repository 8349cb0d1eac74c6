"""Codes of a byte a number: as far apart as the vectors, but for rounding."""

import numpy as np

from features.index.coder import Coder
from features.types import Vectors


def vectors(seed: int, n: int = 300, dim: int = 37) -> Vectors:
    return (5 + np.random.default_rng(seed).normal(size=(n, dim))).astype(np.float32)


def test_codes_keep_the_distances_of_their_vectors() -> None:
    sample = vectors(1)
    coder = Coder.fitted(sample)
    codes = coder.codes(sample)
    true = np.linalg.norm(sample[1:] - sample[0], axis=1)
    told = np.linalg.norm(codes[1:] - codes[0], axis=1) / coder.scale
    assert np.abs(told / true - 1).max() < 0.01


def test_codes_are_whole_numbers_that_fit_a_signed_byte() -> None:
    codes = Coder.fitted(vectors(1)).codes(vectors(2) * 3)
    assert (codes == np.rint(codes)).all()
    assert codes.min() == -128 or codes.max() == 127
    assert codes.min() >= -128
    assert codes.max() <= 127


def test_codes_are_as_wide_as_the_processor_likes() -> None:
    coder = Coder.fitted(vectors(1, dim=37))
    codes = coder.codes(vectors(2, dim=37))
    assert codes.shape == (300, coder.width) == (300, 48)
    assert not codes[:, 37:].any()


def test_a_coder_survives_being_saved() -> None:
    coder = Coder.fitted(vectors(1))
    again = Coder.from_array(coder.as_array())
    assert (again.codes(vectors(2)) == coder.codes(vectors(2))).all()


def test_vectors_that_are_all_the_same_have_codes_too() -> None:
    same = np.ones((3, 16), dtype=np.float32)
    assert not Coder.fitted(same).codes(same).any()
