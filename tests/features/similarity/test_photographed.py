"""Pictures that play the shopper's photo: the thing is there, and all around it is another."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from features.similarity.photographed import as_photographed
from features.similarity.plain import cut_out
from features.types import Image
from tests.helpers import drawing

RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)


def on_plain(size: tuple[int, int] = (100, 80)) -> Image:
    """A red thing with a white label, 60 x 40 pixels, on white."""
    image = Pillow.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 79, 59), fill=RED)
    pen.rectangle((40, 30, 59, 49), fill=WHITE)
    return image


def played(image: Image, seed: int) -> Image:
    return as_photographed(image, np.random.default_rng(seed))


def reddish(image: Image) -> float:
    """The share of pixels that are red rather than anything else."""
    red, green, blue = (np.asarray(band, dtype=int) for band in image.convert("RGB").split())
    return float(((red > 2 * green) & (red > 2 * blue)).mean())


def test_a_thing_is_cut_out_of_its_plain_ground_with_its_white_label() -> None:
    thing = cut_out(on_plain())
    assert thing is not None
    assert thing.size == (60, 40)
    assert np.asarray(thing.getchannel("A")).min() == 255


def test_the_ground_may_be_any_colour_and_a_little_uneven() -> None:
    pixels = np.asarray(on_plain()).copy()
    pixels[(pixels == 255).all(axis=2)] = BLUE
    grain = np.random.default_rng(0).integers(-8, 9, pixels.shape)
    thing = cut_out(Pillow.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8)))
    assert thing is not None
    assert thing.size == (60, 40)


@pytest.mark.parametrize("image", [drawing(1), drawing(2, (8, 300)), Pillow.new("RGB", (9, 9))])
def test_a_scene_and_an_empty_ground_are_not_cut_out(image: Image) -> None:
    assert cut_out(image) is None


def test_a_thing_is_put_before_another_ground() -> None:
    for seed in range(8):
        photo = played(on_plain(), seed)
        border = np.asarray(photo)[[0, -1]].reshape(-1, 3)
        assert np.ptp(border, axis=0).max() > 24  # no longer plain
    assert np.mean([reddish(played(on_plain(), seed)) for seed in range(8)]) > 0.1


def test_of_a_scene_a_part_is_seen() -> None:
    sizes = [played(drawing(1, (400, 300)), seed).size for seed in range(8)]
    assert len(set(sizes)) == 8
    assert all(200 <= width <= 400 and 150 <= height <= 300 for width, height in sizes)


@pytest.mark.parametrize(
    "image",
    [drawing(1), drawing(2, (8, 300)), on_plain(), on_plain().convert("L"), drawing(3, (2000, 8))],
)
def test_a_played_photo_is_another_picture_and_always_the_same(image: Image) -> None:
    first, again = played(image, 1), played(image, 1)
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes() != image.convert("RGB").tobytes()
    assert min(first.size) >= 8


def test_a_picture_of_nothing_plays_too() -> None:
    assert all(min(played(Pillow.new("RGB", (8, 8)), seed).size) >= 8 for seed in range(4))
