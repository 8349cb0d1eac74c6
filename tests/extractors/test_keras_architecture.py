"""The layers and files that the tests call official are those of the installed Keras."""

from pathlib import Path
from typing import Any

import pytest

from features.extractors.keras_networks import NETWORKS
from tests.extractors.legacy_h5 import resnet50_shapes, vgg16_shapes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("networks_begin_with_zeros")]


def kept_shapes(network: Any) -> dict[str, list[tuple[int, ...]]]:
    """Layer name -> shapes of its weights, of a network of Keras."""
    return {
        layer.name: [tuple(weight.shape) for weight in layer.weights]
        for layer in network.layers
        if layer.weights
    }


def test_the_official_resnet50_layers_are_those_of_keras() -> None:
    import keras

    network = keras.applications.ResNet50(weights=None)
    official = {layer: list(weights.values()) for layer, weights in resnet50_shapes().items()}
    official["predictions"] = official.pop("probs")
    assert kept_shapes(network) == official


@pytest.mark.slow
def test_the_official_vgg16_layers_are_those_of_keras() -> None:
    import keras

    network = keras.applications.VGG16(weights=None)
    official = {layer: list(weights.values()) for layer, weights in vgg16_shapes().items()}
    assert kept_shapes(network) == official


def test_the_official_files_are_those_that_keras_names() -> None:
    from keras.src.applications import resnet, vgg16

    assert NETWORKS["vgg16"].files == NETWORKS["vgg16_fc1"].files
    assert [file.url for file in NETWORKS["vgg16"].files] == [vgg16.WEIGHTS_PATH]
    assert NETWORKS["vgg16"].files[0].md5 in Path(vgg16.__file__).read_text()
    assert [(file.url, file.md5) for file in NETWORKS["resnet50"].files] == [
        (f"{resnet.BASE_WEIGHTS_PATH}resnet50_weights_tf_dim_ordering_tf_kernels{kind}.h5", md5)
        for kind, md5 in zip(["", "_notop"], resnet.WEIGHTS_HASHES["resnet50"], strict=True)
    ]
