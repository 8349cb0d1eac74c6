"""What every detector promises, with a network or without."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from features.detection import Detector, detector_names, load_detector
from features.detection.registry import DetectorOptions
from features.errors import UnknownDetectorError
from features.types import Image
from tests.helpers import ROOT, drawing, encoded

SIZES = [(300, 200), (64, 640), (8, 8), (1000, 40), (261, 259), (500, 9), (20_000, 8), (8, 3000)]


@pytest.fixture(scope="module", params=detector_names())
def subject(request: pytest.FixtureRequest) -> Detector:
    if "yolo" not in request.param:
        return load_detector(request.param)
    weights = request.getfixturevalue("shared_data") / "models" / "yolo26n_int8_openvino_model"
    if not weights.exists():
        pytest.skip(f"there are no weights {weights}")
    return load_detector(request.param, DetectorOptions(weights))


@pytest.fixture(scope="module")
def images() -> list[Image]:
    photo = Pillow.open(ROOT / "static/sample/photos/scene-table.webp").convert("RGB")
    return [photo, *(drawing(seed, size) for seed, size in enumerate(SIZES))]


def test_it_has_a_name(subject: Detector) -> None:
    assert subject.name


def test_boxes_lie_in_the_picture_and_hold_something(
    subject: Detector, images: list[Image]
) -> None:
    found = [detection for image in images for detection in subject.detect(image)]
    assert found
    for detection in found:
        box = detection.box
        assert 0 <= box.x1 < box.x2 <= 1
        assert 0 <= box.y1 < box.y2 <= 1
        assert 0 <= detection.confidence <= 1
        assert detection.label


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_noise_of_any_size_is_looked_at(subject: Detector, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    assert isinstance(subject.detect(Pillow.fromarray(noise)), list)


def test_the_same_picture_gets_the_same_answer(subject: Detector, images: list[Image]) -> None:
    for image in images:
        assert subject.detect(image) == subject.detect(image.copy())


def test_several_threads_get_the_same_answers(subject: Detector, images: list[Image]) -> None:
    expected = [subject.detect(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(subject.detect, images)) == expected


@pytest.mark.parametrize("colour", ["white", "black", "tan"])
def test_a_plain_picture_holds_nothing(subject: Detector, colour: str) -> None:
    assert all(
        one.confidence < 0.5 for one in subject.detect(Pillow.new("RGB", (400, 300), colour))
    )


def test_detecting_leaves_the_picture_alone(subject: Detector) -> None:
    image = drawing(3, (300, 200))
    before = encoded(image)
    subject.detect(image)
    assert encoded(image) == before


def test_an_unknown_detector_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDetectorError, match="yolo, regions"):
        load_detector("eyes")
