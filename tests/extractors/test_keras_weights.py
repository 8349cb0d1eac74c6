"""Weights files that do not fit are refused with the reason; files that fit load completely."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import h5py
import pytest

from features.errors import InvalidWeightsError
from features.extractors import keras_networks
from features.extractors.registry import load_extractor
from tests.extractors.legacy_h5 import Shapes, resnet50_shapes, vgg16_shapes, write_legacy

# TensorFlow takes five seconds to import
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("networks_begin_with_zeros")]

OFFICIAL = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"


@pytest.fixture(scope="module", autouse=True)
def _networks_are_built_once() -> Iterator[None]:
    """What is refused has changed nothing; what is read goes into a network as any other."""
    build = cache(keras_networks._network_up_to_layer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_networks, "_network_up_to_layer", build)
        yield


def refusal(file: Path, name: str = "resnet50") -> str:
    """The message that a weights file is refused with."""
    with pytest.raises(InvalidWeightsError) as refused:
        load_extractor(name, file)
    message = str(refused.value)
    assert str(file) in message
    assert "\n" not in message
    return message


def test_a_file_that_is_not_hdf5_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.h5"
    file.write_text("<html>404 Not Found</html>")
    message = refusal(file)
    assert "file signature not found" in message
    assert OFFICIAL in message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.h5"
    file.touch()
    refusal(file)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: float) -> None:
    file = write_legacy(tmp_path / "weights.h5", resnet50_shapes(top=False))
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content))])
    assert "truncated" in refusal(file)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.weights.h5"
    with h5py.File(file, "w") as written:
        written.create_group("layers/conv2d/vars")
    assert "not in Keras's legacy .h5 format" in refusal(file)


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    file = write_legacy(tmp_path / "weights.h5", vgg16_shapes(top=False))
    assert "layer 'conv1_conv' is missing" in refusal(file)


@pytest.mark.parametrize("name", ["vgg16", "vgg16_fc1"])
def test_vgg16_without_its_top_is_refused(tmp_path: Path, name: str) -> None:
    file = write_legacy(tmp_path / "weights.h5", vgg16_shapes(top=False))
    message = refusal(file, name)
    assert "layer 'fc1' is missing" in message
    assert "vgg16_weights_tf_dim_ordering_tf_kernels.h5" in message


def without_layer(shapes: Shapes) -> None:
    del shapes["conv4_block6_3_bn"]


def with_wrong_kernel(shapes: Shapes) -> None:
    shapes["conv3_block1_2_conv"]["conv3_block1_2_conv/kernel:0"] = (3, 3, 64, 128)


def with_flat_kernel(shapes: Shapes) -> None:
    shapes["conv1_conv"]["conv1_conv/kernel:0"] = (9408,)


def without_bias(shapes: Shapes) -> None:
    del shapes["conv5_block3_3_conv"]["conv5_block3_3_conv/bias:0"]


def without_variance(shapes: Shapes) -> None:
    del shapes["conv1_bn"]["conv1_bn/moving_variance:0"]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (without_layer, "layer 'conv4_block6_3_bn' is missing"),
        (
            with_wrong_kernel,
            "layer 'conv3_block1_2_conv', kernel: "
            "expected shape (3, 3, 128, 128), found (3, 3, 64, 128)",
        ),
        (
            with_flat_kernel,
            "layer 'conv1_conv', kernel: expected shape (7, 7, 3, 64), found (9408,)",
        ),
        (without_bias, "layer 'conv5_block3_3_conv' has 1 weights instead of 2 (kernel, bias)"),
        (
            without_variance,
            "layer 'conv1_bn' has 3 weights instead of 4 "
            "(gamma, beta, moving_mean, moving_variance)",
        ),
    ],
)
def test_a_layer_that_does_not_fit_is_named(
    tmp_path: Path, spoil: Callable[[Shapes], None], expected: str
) -> None:
    shapes = resnet50_shapes(top=False)
    spoil(shapes)
    assert expected in refusal(write_legacy(tmp_path / "weights.h5", shapes))


def test_whole_numbers_are_refused(tmp_path: Path) -> None:
    file = write_legacy(tmp_path / "weights.h5", resnet50_shapes(top=False), dtype="i4")
    assert "expected floating-point numbers, found int32" in refusal(file)


def test_a_listed_layer_that_the_file_does_not_hold_is_refused(tmp_path: Path) -> None:
    file = write_legacy(tmp_path / "weights.h5", resnet50_shapes(top=False))
    with h5py.File(file, "a") as written:
        del written["conv2_block1_1_conv"]
    assert re.search("conv2_block1_1_conv", refusal(file))


def test_a_file_of_a_whole_saved_model_is_read(tmp_path: Path) -> None:
    shapes = resnet50_shapes(top=False)
    file = write_legacy(tmp_path / "model.h5", shapes, group="model_weights")
    assert load_extractor("resnet50", file).spec.dim == 2048
