"""Several views of one picture, with an extractor whose vectors can be told in advance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from features.adaptation import Method, fit
from features.catalog import read_catalog
from features.extractors import AdaptedExtractor, Extractor
from features.extractors.views import AS_IT_IS, MIRRORED, described
from features.images import decode
from features.pipeline import build_store
from features.search import SearchService
from features.store import open_store
from features.types import ExtractorSpec, Image, Pixels, Query, Vectors
from features.vectors import unit
from tests.helpers import drawing, encoded, picture, pictures_in, shop

_SIDE = 4


class Thumbnails(Extractor):
    """The numbers of a thumbnail; pictures of the catalogue are seen mirrored too."""

    gallery_views = (AS_IT_IS, MIRRORED)
    spec = ExtractorSpec(
        "thumbnails",
        dim=3 * _SIDE**2,
        input_size=_SIDE,
        preprocessing=f"stretched, {described(gallery_views, (AS_IT_IS,))}",
        weights_sha256="0" * 64,
    )

    def prepare(self, image: Image) -> Pixels:
        return np.asarray(image.resize((_SIDE, _SIDE), Pillow.Resampling.BICUBIC))

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        return np.stack(batch).reshape(len(batch), -1).astype(np.float32)


def bare(extractor: Extractor, image: Image) -> Vectors:
    return unit(extractor.forward([extractor.prepare(image)]))[0]


def test_the_vector_of_a_picture_is_the_mean_of_its_views() -> None:
    extractor, image = Thumbnails(), drawing(1)
    mean = (bare(extractor, image) + bare(extractor, ImageOps.mirror(image))) / 2
    np.testing.assert_allclose(
        extractor.embed_gallery([image])[0], mean / np.linalg.norm(mean), atol=1e-6
    )


def test_a_catalogue_picture_and_its_mirror_image_have_one_vector() -> None:
    image = drawing(2)
    one, other = Thumbnails().embed_gallery([image, ImageOps.mirror(image)])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_photo_to_search_with_is_seen_as_queries_are() -> None:
    extractor, image = Thumbnails(), drawing(3)
    np.testing.assert_array_equal(extractor.embed([image])[0], bare(extractor, image))


def test_pictures_with_unlike_numbers_of_views_may_be_embedded_together() -> None:
    extractor, image = Thumbnails(), drawing(4)
    both = extractor.prepare_gallery(image)
    mixed = extractor.embed_prepared([both[:1], both, both[1:]])
    np.testing.assert_array_equal(mixed[1], extractor.embed_gallery([image])[0])
    np.testing.assert_allclose(mixed[0], bare(extractor, image), atol=1e-6)


def test_an_adapted_extractor_has_the_views_of_the_plain_one() -> None:
    plain, images = Thumbnails(), [drawing(seed) for seed in range(24)]
    vectors = plain.embed_gallery(images)
    adaptation = fit(vectors, [""] * 24, plain.spec, Method.NONE)
    adapted = AdaptedExtractor(plain, adaptation)
    np.testing.assert_array_equal(adapted.embed_gallery(images), adaptation.apply(vectors))
    np.testing.assert_array_equal(adapted.embed(images), adaptation.apply(plain.embed(images)))


def test_a_store_holds_the_gallery_s_views_and_is_asked_with_those_of_queries(
    tmp_path: Path,
) -> None:
    catalog, extractor = shop(tmp_path / "shop", 3), Thumbnails()
    store = tmp_path / "store"
    build_store(read_catalog(catalog), pictures_in(catalog.parent), store, extractor)
    view = open_store(store)
    image = decode(picture(1), detail=extractor.detail)
    held = extractor.embed_gallery([image])[0]
    np.testing.assert_array_equal(view.vector(view.rows_of("p01")[0]), held)
    found = SearchService(store, extractor).search(Query(encoded(drawing(1)))).hits
    (distance,) = (hit.distance for hit in found if hit.product.id == "p01")
    expected = np.linalg.norm(extractor.embed([image])[0] - held)
    assert distance == pytest.approx(float(expected), abs=1e-5)
    assert distance > 0
