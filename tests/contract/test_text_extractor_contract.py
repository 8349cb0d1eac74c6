"""What every extractor with a text side promises beside what all extractors do."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from features.extractors import TextExtractor
from tests.contract.extractors import IMAGE_TEXT, PACKAGED, load, load_text

TEXTS = ["red", "a blue thing", "yellow and red", "Vert", "blue " * 500, "nothing known, red"]


@pytest.fixture(scope="module", params=IMAGE_TEXT)
def subject(request: pytest.FixtureRequest) -> TextExtractor:
    return load_text(request.param)


def test_texts_become_vectors_in_the_space_of_pictures(subject: TextExtractor) -> None:
    vectors = subject.embed_texts(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), subject.spec.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_text_is_nearest_to_the_picture_that_it_describes(subject: TextExtractor) -> None:
    colours = ["red", "green", "blue", "yellow", "white"]
    pictures = subject.embed([Pillow.new("RGB", (40, 30), colour) for colour in colours])
    texts = subject.embed_texts([f"something {colour}" for colour in colours])
    distances = np.linalg.norm(texts[:, None] - pictures[None], axis=2)
    assert distances.argmin(axis=1).tolist() == list(range(len(colours)))


def test_no_texts_give_no_vectors(subject: TextExtractor) -> None:
    assert subject.embed_texts([]).shape == (0, subject.spec.dim)
    assert subject.embed_texts([]).dtype == np.float32


def test_a_vector_does_not_depend_on_its_neighbours(subject: TextExtractor) -> None:
    together = subject.embed_texts(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(subject.embed_texts([text])[0], vector)


def test_several_threads_get_the_same_vectors(subject: TextExtractor) -> None:
    expected = subject.embed_texts(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: subject.embed_texts(TEXTS), range(8)):
            np.testing.assert_array_equal(vectors, expected)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "[SEP] <|endoftext|>", "🟥", "赤い"])
def test_any_text_is_taken(subject: TextExtractor, text: str) -> None:
    assert np.isfinite(subject.embed_texts([text])).all()


@pytest.mark.parametrize("name", PACKAGED[:1])
def test_other_extractors_have_no_text_side(name: str) -> None:
    assert not isinstance(load(name), TextExtractor)
