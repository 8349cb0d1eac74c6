"""What the adapter of Keras is compared with: Keras itself, driven in the plainest way."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.extractors.keras_networks import NETWORKS
from features.types import Image, Pixels, Vectors
from tests.extractors.legacy_h5 import Shapes, Values


def picture(seed: int, size: tuple[int, int] = (40, 30)) -> Image:
    """A picture of random colours."""
    width, height = size
    colours = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Pillow.fromarray(colours)


def caffe_input(batch: list[Pixels]) -> NDArray[np.float32]:
    """Keras's caffe-style preprocessing, written again: BGR less the means of ImageNet."""
    blue_green_red = np.stack(batch).astype(np.float64)[..., [2, 1, 0]]
    return (blue_green_red - [103.939, 116.779, 123.68]).astype(np.float32)


def built_by_keras(name: str, shapes: Shapes, values: Values) -> Any:
    """The reference: a network of Keras, given its weights layer by layer."""
    import keras

    used = NETWORKS[name]
    network = getattr(keras.applications, used.builder)(weights=None)
    for layer in shapes:
        network.get_layer("predictions" if layer == "probs" else layer).set_weights(values[layer])
    return keras.Model(network.input, network.get_layer(used.layer).output)


def assert_alike(outputs: Vectors, expected: Vectors) -> None:
    """Equal but for the noise of float32, which grows with the largest output."""
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-5 * expected.max())
