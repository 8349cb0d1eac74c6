"""VGG16 and ResNet50 compute what Keras computes, with the weights of the file they are given."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from features.extractors import keras_networks
from features.extractors.base import Extractor
from features.extractors.files import sha256_of
from features.extractors.keras_networks import NETWORKS
from features.extractors.registry import load_extractor
from tests.extractors.keras_reference import assert_alike, built_by_keras, caffe_input, picture
from tests.extractors.legacy_h5 import (
    Values,
    resnet50_shapes,
    seeded_values,
    vgg16_shapes,
    write_legacy,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("networks_begin_with_zeros")]

SEED = 20240117
# Place -> number, of the vector of picture(9) with the weights of SEED.
GOLDEN_RESNET50 = {1637: 0.130082, 35: 0.110803, 1375: 0.105929, 73: 0.074546, 1674: 0.038901}
GOLDEN_VGG16 = {1709: 0.080903, 207: 0.073723, 873: 0.068622, 1062: 0.055727, 3777: 0.03602}


@pytest.fixture(scope="module")
def resnet50_values() -> Values:
    return seeded_values(resnet50_shapes(), SEED)


@pytest.fixture(scope="module")
def resnet50_file(
    tmp_path_factory: pytest.TempPathFactory, resnet50_values: Values
) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("resnet50") / "weights.h5"
    yield write_legacy(path, resnet50_shapes(), resnet50_values)
    path.unlink()  # pytest keeps its folders; this one has 100 MB


@pytest.fixture(scope="module")
def resnet50(resnet50_file: Path) -> Extractor:
    return load_extractor("resnet50", resnet50_file)


@pytest.fixture(scope="module")
def vgg16_values() -> Values:
    return seeded_values(vgg16_shapes(), SEED)


@pytest.fixture(scope="module")
def vgg16_file(tmp_path_factory: pytest.TempPathFactory, vgg16_values: Values) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("vgg16") / "weights.h5"
    yield write_legacy(path, vgg16_shapes(), vgg16_values)
    path.unlink()  # 528 MB


@pytest.fixture(scope="module")
def vgg16(vgg16_file: Path) -> Extractor:
    return load_extractor("vgg16", vgg16_file)


def test_resnet50_computes_what_keras_computes_with_the_same_weights(
    resnet50: Extractor, resnet50_values: Values
) -> None:
    batch = [resnet50.prepare(picture(seed)) for seed in (1, 2)]
    reference = built_by_keras("resnet50", resnet50_shapes(), resnet50_values)
    expected = reference(caffe_input(batch), training=False).numpy()
    assert expected.shape == (2, 2048)
    assert_alike(resnet50.forward(batch), expected)


@pytest.mark.slow
def test_vgg16_computes_what_keras_computes_with_the_same_weights(
    vgg16: Extractor, vgg16_values: Values
) -> None:
    batch = [vgg16.prepare(picture(seed)) for seed in (1, 2)]
    reference = built_by_keras("vgg16", vgg16_shapes(), vgg16_values)
    expected = reference(caffe_input(batch), training=False).numpy()
    assert expected.shape == (2, 4096)
    assert_alike(vgg16.forward(batch), expected)


@pytest.mark.slow
def test_fc2_is_the_rectified_affine_map_of_fc1(
    vgg16: Extractor, vgg16_file: Path, vgg16_values: Values
) -> None:
    batch = [vgg16.prepare(picture(3))]
    fc1 = load_extractor("vgg16_fc1", vgg16_file).forward(batch)
    kernel, bias = vgg16_values["fc2"]
    fc2 = vgg16.forward(batch)
    assert fc1.min() == 0
    assert fc2.min() == 0
    assert_alike(fc2, np.maximum(fc1 @ kernel + bias, 0))


def test_keras_itself_reads_the_file_the_same_way(resnet50: Extractor, resnet50_file: Path) -> None:
    import keras

    network = keras.applications.ResNet50(weights=str(resnet50_file))
    reference = keras.Model(network.input, network.get_layer("avg_pool").output)
    batch = [resnet50.prepare(picture(4))]
    expected = reference(caffe_input(batch), training=False).numpy()
    assert_alike(resnet50.forward(batch), expected)


def test_resnet50_without_its_top_gives_the_same_vectors(
    resnet50: Extractor, resnet50_values: Values, tmp_path: Path
) -> None:
    file = write_legacy(tmp_path / "notop.h5", resnet50_shapes(top=False), resnet50_values)
    photo = picture(5)
    bare = load_extractor("resnet50", file)
    file.unlink()
    np.testing.assert_allclose(bare.embed([photo]), resnet50.embed([photo]), rtol=0, atol=1e-6)


def test_the_network_sees_blue_green_red_less_the_means(
    resnet50: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def record(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.append(inputs)
        return np.zeros((len(inputs), 2048), dtype=np.float32)

    monkeypatch.setattr(resnet50, "_run", record)
    batch = [resnet50.prepare(picture(seed)) for seed in (6, 7)]
    before = [pixels.copy() for pixels in batch]
    resnet50.forward(batch)
    assert seen[0].dtype == np.float32
    np.testing.assert_allclose(seen[0], caffe_input(batch), rtol=0, atol=1e-4)
    np.testing.assert_array_equal(batch, before)


@pytest.mark.parametrize("size", [(40, 30), (3, 700), (224, 224)])
def test_prepare_stretches_the_whole_picture_and_leaves_it_as_it_was(
    resnet50: Extractor, size: tuple[int, int]
) -> None:
    photo = picture(8, size)
    before = np.array(photo)
    prepared = resnet50.prepare(photo)
    assert prepared.shape == (224, 224, 3)
    assert prepared.dtype == np.uint8
    expected = photo.resize((224, 224), Pillow.Resampling.BICUBIC)
    np.testing.assert_array_equal(prepared, np.asarray(expected))
    np.testing.assert_array_equal(np.array(photo), before)


def test_a_resnet50_vector_does_not_depend_on_its_batch(resnet50: Extractor) -> None:
    assert_independent_of_the_batch(resnet50)


@pytest.mark.slow
def test_a_vgg16_vector_does_not_depend_on_its_batch(
    vgg16: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras_networks, "_BATCH", 4)
    assert_independent_of_the_batch(vgg16)


def assert_independent_of_the_batch(extractor: Extractor) -> None:
    """One by one, as many at once as run at once, and one beyond these."""
    photos = [picture(seed) for seed in range(keras_networks._BATCH + 1)]
    single = np.concatenate([extractor.embed([photo]) for photo in photos])
    np.testing.assert_allclose(extractor.embed(photos), single, rtol=0, atol=1e-5)


def test_threads_get_the_vectors_of_their_own_pictures(resnet50: Extractor) -> None:
    batches = [[picture(10 * thread + number) for number in range(2)] for thread in range(6)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(resnet50.embed, batches))
    for batch, answer in zip(batches, answers, strict=True):
        np.testing.assert_allclose(answer, resnet50.embed(batch), rtol=0, atol=1e-5)


def test_no_pictures_give_no_vectors(resnet50: Extractor) -> None:
    assert resnet50.embed([]).shape == (0, 2048)


def test_resnet50_gives_its_golden_vector(resnet50: Extractor) -> None:
    assert_golden(resnet50, GOLDEN_RESNET50)


@pytest.mark.slow
def test_vgg16_gives_its_golden_vector(vgg16: Extractor) -> None:
    assert_golden(vgg16, GOLDEN_VGG16)


def assert_golden(extractor: Extractor, golden: dict[int, float]) -> None:
    """The numbers at some places of the vector of one fixed picture."""
    vector = extractor.embed([picture(9)])[0]
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    for place, expected in golden.items():
        assert vector[place] == pytest.approx(expected, abs=1e-4)


def test_different_pictures_have_different_vectors(resnet50: Extractor) -> None:
    dark, light = (Pillow.new("RGB", (50, 50), colour) for colour in ("#202020", "#e0d0c0"))
    first, second = resnet50.embed([dark, light])
    assert np.linalg.norm(first - second) > 0.01


def test_the_spec_describes_the_network_and_its_file(
    resnet50: Extractor, resnet50_file: Path
) -> None:
    spec = resnet50.spec
    assert (spec.name, spec.dim, spec.input_size) == ("resnet50", 2048, 224)
    assert spec.preprocessing == "stretch bicubic 224 caffe"
    assert spec.weights_sha256 == sha256_of(resnet50_file)
    assert spec.normalized
    assert spec.licence.startswith("MIT")


def test_both_vgg16_extractors_are_under_the_licence_of_the_oxford_group() -> None:
    for name in ("vgg16", "vgg16_fc1"):
        assert NETWORKS[name].dim == 4096
        assert NETWORKS[name].licence.startswith("CC-BY-4.0")


def test_a_users_log_level_for_tensorflow_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    keras_networks._import_keras()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"
