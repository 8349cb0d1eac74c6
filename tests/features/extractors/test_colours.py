"""Colours of a picture: what counts, and what does not."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from features.extractors.colours import DIM, colours
from features.ground import white_ground
from features.types import Pixels
from tests.helpers import drawing

SIDE = 128


def disc(colour: str, ground: str = "white") -> Pixels:
    image = Pillow.new("RGB", (SIDE, SIDE), ground)
    ImageDraw.Draw(image).ellipse((24, 24, 104, 104), fill=colour)
    return np.asarray(image)


def apart(one: Pixels, other: Pixels) -> float:
    return float(np.linalg.norm(colours(one) - colours(other)))


def test_colours_are_a_histogram_of_length_1() -> None:
    found = colours(disc("red"))
    assert (found.shape, found.dtype) == ((DIM,), np.float32)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


def test_a_white_picture_has_no_colours() -> None:
    np.testing.assert_array_equal(colours(np.full((SIDE, SIDE, 3), 255, np.uint8)), 0)


def test_white_ground_does_not_count() -> None:
    filled = np.full((SIDE, SIDE, 3), (200, 60, 30), np.uint8)
    assert apart(disc("rgb(200, 60, 30)"), filled) < apart(
        disc("rgb(200, 60, 30)", "rgb(60, 90, 200)"), filled
    )


def test_white_inside_an_item_is_not_its_ground() -> None:
    image = Pillow.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((24, 24, 104, 104), fill="green")
    pen.ellipse((54, 54, 74, 74), fill="white")
    ground = white_ground(np.asarray(image))
    assert ground[0, 0]
    assert not ground[64, 64]
    assert not ground[64, 30]


def test_ground_is_found_as_far_as_it_reaches_and_no_further() -> None:
    picture = np.full((4, 5, 3), 255, np.uint8)
    picture[1:, 1:4] = (10, 20, 30)
    picture[2, 2] = 255
    expected = np.ones((4, 5), bool)
    expected[1:, 1:4] = False
    np.testing.assert_array_equal(white_ground(picture), expected)


def test_a_mirror_image_has_the_same_colours() -> None:
    picture = np.asarray(drawing(3, (SIDE, SIDE)))
    np.testing.assert_allclose(colours(picture[:, ::-1].copy()), colours(picture), atol=1e-6)


def test_a_little_light_moves_colours_less_than_another_hue() -> None:
    lemon, darker, lime = disc("rgb(230, 200, 40)"), disc("rgb(205, 180, 36)"), disc("green")
    assert apart(lemon, darker) < apart(lemon, lime) / 2


def test_the_middle_counts_more_than_the_edge() -> None:
    edge = disc("blue", "red")
    blue, red = (np.full((SIDE, SIDE, 3), rgb, np.uint8) for rgb in ((0, 0, 255), (255, 0, 0)))
    assert apart(edge, blue) < apart(edge, red)
