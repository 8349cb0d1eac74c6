"""The main colour of a picture, by its name."""

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from features.evaluation.colour_names import main_colour
from features.types import Image

NAMED = {
    "#d01c1c": "red",
    "#f08010": "orange",
    "#6b3f14": "brown",
    "#e8d020": "yellow",
    "#2f9f3f": "green",
    "#20c0d0": "cyan",
    "#2040d0": "blue",
    "#d040c0": "pink",
    "#101010": "black",
    "#808080": "grey",
    "#e6e6e6": "white",
}


def disc(colour: str, ground: str = "white") -> Image:
    image = Pillow.new("RGB", (160, 120), ground)
    ImageDraw.Draw(image).ellipse((40, 20, 120, 100), fill=colour)
    return image


@pytest.mark.parametrize(("colour", "name"), NAMED.items())
def test_a_thing_on_white_has_its_own_colour(colour: str, name: str) -> None:
    assert main_colour(disc(colour)) == name


def test_the_middle_counts_more_than_what_is_around() -> None:
    assert main_colour(disc("#d01c1c", "#2040d0")) == "red"
