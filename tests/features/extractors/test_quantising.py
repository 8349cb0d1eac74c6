"""Eight-bit networks: near to float32, never mistaken for it, and only for the right network."""

import numpy as np
import pytest

from features.errors import ExtractorError
from features.extractors import load_extractor
from features.extractors.quantising import quantise
from tests.helpers import drawing


def test_eight_bits_keep_a_picture_near_its_float32_vector() -> None:
    images = [drawing(seed, (300, 200)) for seed in range(4)]
    exact = load_extractor("efficientnet_lite2").embed(images)
    rounded = load_extractor("efficientnet_lite2_int8").embed(images)
    cosines = (exact * rounded).sum(axis=1)
    assert cosines.min() > 0.8
    assert cosines.max() < 0.99999


def test_vectors_in_eight_bits_are_not_compared_with_those_in_float32() -> None:
    exact, rounded = (
        load_extractor(name).spec for name in ("efficientnet_lite2", "efficientnet_lite2_int8")
    )
    assert exact.fingerprint != rounded.fingerprint
    assert exact.weights_sha256 == rounded.weights_sha256


def test_ranges_of_another_network_are_refused() -> None:
    import openvino
    import openvino.opset13 as operations

    picture = operations.parameter([1, 3, 8, 8], np.float32)
    halves = operations.add(picture, np.float32(0.5))
    model = openvino.Model([operations.relu(halves)], [picture])
    with pytest.raises(ExtractorError, match="1 linear layers, its 8-bit ranges are for 2"):
        quantise(model, (1.0, 2.0))
