"""Pictures that are altered a little."""

import numpy as np

from features.evaluation.distortions import altered
from tests.helpers import drawing


def test_an_altered_picture_is_another_one_of_about_the_same_size() -> None:
    image = drawing(1, (200, 150))
    changed = altered(image, np.random.default_rng(0))
    assert changed.mode == "RGB"
    for before, after in zip(image.size, changed.size, strict=True):
        assert 0.84 * before <= after <= before
    assert changed.tobytes() != image.tobytes()


def test_alterations_are_the_same_for_the_same_seed() -> None:
    image = drawing(1)
    one, other, apart = (altered(image, np.random.default_rng(n)) for n in (5, 5, 6))
    assert one.tobytes() == other.tobytes() != apart.tobytes()


def test_the_smallest_pictures_can_be_altered() -> None:
    for seed in range(20):
        assert min(altered(drawing(0, (8, 9)), np.random.default_rng(seed)).size) >= 6


def test_corners_that_come_into_view_are_not_black() -> None:
    white = drawing(0).point(lambda _: 255)
    for seed in range(20):
        assert np.asarray(altered(white, np.random.default_rng(seed))).min() > 150
