"""The extractor that looks at several layers, beside the one that looks at the last."""

import numpy as np
import pytest
from PIL import ImageOps

from features.extractors import Extractor, load_extractor
from features.types import Vectors
from tests.helpers import drawing

PARTS = [slice(0, 120), slice(120, 472), slice(472, 1752)]
"""The numbers of each layer."""


@pytest.fixture(scope="module")
def layered() -> Extractor:
    return load_extractor("efficientnet_lite2_layers")


@pytest.fixture(scope="module")
def vectors(layered: Extractor) -> Vectors:
    return layered.embed([drawing(seed, (400, 300)) for seed in range(3)])


def test_the_earliest_layer_counts_half_as_much_as_each_other(
    layered: Extractor, vectors: Vectors
) -> None:
    assert layered.spec.dim == PARTS[-1].stop
    for part, length in zip(PARTS, (1 / 3, 2 / 3, 2 / 3), strict=True):
        lengths = np.linalg.norm(vectors[:, part], axis=1)
        np.testing.assert_allclose(lengths, length, atol=1e-5)


def test_each_layer_tells_pictures_apart(vectors: Vectors) -> None:
    for part in PARTS:
        assert np.linalg.norm(vectors[0, part] - vectors[1, part]) > 0.01


def test_a_picture_of_the_catalogue_is_the_same_mirrored_and_a_photo_is_not(
    layered: Extractor,
) -> None:
    image = drawing(5, (300, 300))
    mirrored = ImageOps.mirror(image)
    one, other = layered.embed_gallery([image, mirrored])
    np.testing.assert_allclose(one, other, atol=1e-5)
    one, other = layered.embed([image, mirrored])
    assert np.abs(one - other).max() > 1e-3


def test_the_last_layer_is_the_plain_network_s_but_for_how_it_is_averaged(
    layered: Extractor,
) -> None:
    image = drawing(6, (260, 260))
    plain = load_extractor("efficientnet_lite2").embed([image])[0]
    last = layered.embed([image])[0, PARTS[-1]]
    assert float(plain @ last) / float(np.linalg.norm(last)) > 0.7


def test_both_extractors_have_fingerprints_of_their_own(layered: Extractor) -> None:
    plain = load_extractor("efficientnet_lite2").spec
    assert layered.spec.weights_sha256 == plain.weights_sha256
    assert layered.spec.fingerprint != plain.fingerprint
