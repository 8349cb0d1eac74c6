"""Where extractors find their weights, as one setting says it."""

from pathlib import Path

import pytest

from features.errors import ConfigError
from features.extractors import NO_WEIGHTS, Weights

UFORM, CLIP = "uform3_english_small", "clip_vit_b32"


def test_one_path_is_for_every_extractor_that_takes_weights() -> None:
    weights = Weights.parse("models/vgg, the second.h5")
    assert weights == Weights(Path("models/vgg, the second.h5"))
    assert weights.of("vgg16") == weights.of(UFORM) == weights.rest
    assert weights.of("efficientnet_lite2_shop") is None


def test_named_extractors_have_their_own_and_the_others_look_by_themselves() -> None:
    weights = Weights.parse(f"{UFORM}=/models/uform, small, {CLIP}=~/clip=32")
    assert weights.of(UFORM) == Path("/models/uform, small")
    assert weights.of(CLIP) == Path("~/clip=32").expanduser()
    assert weights.of("vgg16") is None


def test_a_path_before_the_named_ones_is_for_the_rest() -> None:
    weights = Weights.parse(f"vgg.h5,{CLIP}=clip")
    assert weights.of("vgg16") == weights.of("vgg16_fc1") == Path("vgg.h5")
    assert weights.of(CLIP) == Path("clip")


@pytest.mark.parametrize(
    "text",
    ["", "one.h5", f"{UFORM}=/a,{CLIP}=/b", f"one.h5,{CLIP}=/b", "./resnet=50.h5", "a/b=c.h5"],
)
def test_what_is_written_is_what_was_read(text: str) -> None:
    assert str(Weights.parse(text)) == text
    assert Weights.parse(str(Weights.parse(text))) == Weights.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vgg61=vgg.h5", "'vgg61', and no extractor of that name takes any; choose of vgg16"),
        ("resnet=50.h5", "begin a path that has such a name in it with ./"),
        ("efficientnet_lite2=lite.pt", "no extractor of that name takes any"),
        (f"{CLIP}=a,{CLIP}=b", f"{CLIP} has two places"),
        (f"{CLIP}=,vgg16=b", f"'{CLIP}=' names no file or folder"),
        (f",{CLIP}=a", "names no file or folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Weights.parse(text)
    assert said in str(refused.value)


def test_nothing_is_said_where_nothing_is_set() -> None:
    assert Weights.parse(" ") == NO_WEIGHTS
    assert NO_WEIGHTS.of("vgg16") is None
