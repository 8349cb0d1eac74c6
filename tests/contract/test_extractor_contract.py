"""What every extractor promises, whatever its network."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from features.extractors import Extractor, extractor_names
from features.extractors.views import AS_IT_IS, described
from features.types import Image
from tests.contract.extractors import IMAGE_TEXT, PACKAGED, load
from tests.helpers import drawing, encoded

pytestmark = pytest.mark.usefixtures("computed_anew")

# Generalised means are never negative and have much in common: in the plain space of these
# extractors other pictures are less far away. Measured: 0.57 to 0.61 of another drawing's distance.
WEAKER = dict.fromkeys(
    ("efficientnet_lite2_layers", "efficientnet_lite2_layers_int8", "efficientnet_lite2_shop"), 0.7
)


# One with no views, layers, colours or 8 bits, one with all of them; the slow run has each.
FAST = ("efficientnet_lite0", "efficientnet_lite2_shop", *IMAGE_TEXT)
SUBJECTS = [
    pytest.param(name, marks=() if name in FAST else pytest.mark.slow)
    for name in (*PACKAGED, *IMAGE_TEXT)
]


@pytest.fixture(scope="module", params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Extractor:
    return load(request.param)


@pytest.fixture(scope="module")
def images() -> list[Image]:
    sizes = [(300, 200), (64, 640), (8, 8), (1000, 40), (261, 259), (224, 224), (500, 9)]
    return [drawing(seed, size) for seed, size in enumerate(sizes)]


def test_the_spec_says_what_comes_out(subject: Extractor, images: list[Image]) -> None:
    spec = subject.spec
    assert spec.name in extractor_names()
    assert spec.licence
    assert len(spec.weights_sha256) == 64
    vectors = subject.embed(images)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(images), spec.dim)
    assert np.isfinite(vectors).all()
    if spec.normalized:
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_prepared_picture_is_what_the_network_sees(
    subject: Extractor, images: list[Image]
) -> None:
    side = subject.spec.input_size
    for image in images:
        prepared = subject.prepare(image)
        assert (prepared.shape, prepared.dtype) == ((side, side, 3), np.uint8)
    assert subject.detail >= side


def test_every_view_is_what_the_network_sees(subject: Extractor, images: list[Image]) -> None:
    side = subject.spec.input_size
    for image in images:
        for views, prepared in (
            (subject.gallery_views, subject.prepare_gallery(image)),
            (subject.query_views, subject.prepare_query(image)),
        ):
            assert len(prepared) == len(views) >= 1
            for pixels in prepared:
                assert (pixels.shape, pixels.dtype) == ((side, side, 3), np.uint8)


def test_views_beyond_the_picture_itself_belong_to_what_makes_vectors_comparable(
    subject: Extractor,
) -> None:
    if (subject.gallery_views, subject.query_views) != ((AS_IT_IS,), (AS_IT_IS,)):
        views = described(subject.gallery_views, subject.query_views)
        assert views in subject.spec.preprocessing


def test_no_pictures_give_no_vectors(subject: Extractor) -> None:
    assert subject.embed([]).shape == (0, subject.spec.dim)
    assert subject.embed([]).dtype == np.float32


@pytest.mark.parametrize("side", ["embed", "embed_gallery"])
def test_a_vector_does_not_depend_on_its_neighbours(
    subject: Extractor, images: list[Image], side: str
) -> None:
    embed = getattr(subject, side)
    together = embed(images)
    np.testing.assert_array_equal(embed(images[::-1])[::-1], together)
    for image, vector in zip(images, together, strict=True):
        np.testing.assert_array_equal(embed([image])[0], vector)


def test_several_threads_get_the_same_vectors(subject: Extractor, images: list[Image]) -> None:
    expected = subject.embed(images)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: subject.embed(images), range(4)):
            np.testing.assert_array_equal(vectors, expected)


def test_embedding_leaves_the_picture_alone(subject: Extractor) -> None:
    image = drawing(3, (300, 200))
    before = encoded(image)
    subject.embed([image])
    assert encoded(image) == before


def test_an_altered_picture_is_nearer_than_another(subject: Extractor) -> None:
    original = drawing(11, (400, 300))
    smaller = original.resize((200, 150))
    first, second, other = subject.embed([original, smaller, drawing(12, (400, 300))])
    share = WEAKER.get(subject.spec.name, 0.5)
    assert np.linalg.norm(first - second) < share * np.linalg.norm(first - other)


@pytest.mark.usefixtures("compiled_anew")
def test_loading_again_gives_the_same_extractor(subject: Extractor, images: list[Image]) -> None:
    again = load(subject.spec.name)
    assert again.spec.fingerprint == subject.spec.fingerprint
    np.testing.assert_array_equal(again.embed(images[:2]), subject.embed(images[:2]))


@pytest.mark.parametrize("names", [PACKAGED, IMAGE_TEXT], ids=["packaged", "image-text"])
def test_no_two_extractors_share_a_fingerprint(names: list[str]) -> None:
    fingerprints = {load(name).spec.fingerprint for name in names}
    assert len(fingerprints) == len(names)
