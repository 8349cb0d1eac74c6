"""Drawn photos of products: the product is in them, and the same seed draws the same."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from features.scenes import cut_out, scene
from features.types import Image
from tests.helpers import drawing


def product(colour: str) -> Image:
    image = Pillow.new("RGB", (200, 120), "white")
    ImageDraw.Draw(image).ellipse((60, 20, 140, 100), fill=colour)
    return image


def test_a_product_is_cut_out_of_white_ground() -> None:
    item = cut_out(product("red"))
    opaque = np.asarray(item)[..., 3]
    assert max(item.size) < 90
    assert opaque[0, 0] < 20
    assert opaque[item.height // 2, item.width // 2] == 255


def test_a_picture_without_white_ground_stays_whole() -> None:
    picture = Pillow.new("RGB", (80, 60), "navy")
    item = cut_out(picture)
    assert item.size == picture.size
    assert np.asarray(item)[30, 40, 3] == 255


def test_a_white_picture_is_not_cut_to_nothing() -> None:
    assert cut_out(Pillow.new("RGB", (40, 30), "white")).size == (40, 30)


@pytest.mark.parametrize("number", range(3))
def test_the_same_numbers_draw_the_same_photo(number: int) -> None:
    item, others = cut_out(product("red")), [cut_out(product("blue"))]
    once, again, another = (scene(item, others, 5, at) for at in (number, number, number + 3))
    assert once.tobytes() == again.tobytes() != another.tobytes()
    assert once.mode == "RGB"


@pytest.mark.parametrize("number", range(3))
def test_the_product_is_in_the_photo(number: int) -> None:
    red = np.asarray(scene(cut_out(product("red")), [], 1, number)).astype(np.int64)
    assert ((red[..., 0] - red[..., 1:].max(axis=-1)) > 60).mean() > 0.03


@pytest.mark.parametrize("size", [(8, 8), (600, 9), (9, 600)])
def test_small_and_long_pictures_can_be_drawn(size: tuple[int, int]) -> None:
    for number in range(1, 3):
        assert scene(cut_out(drawing(1, size)), [], 0, number).size == (320, 320)
