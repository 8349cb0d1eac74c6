"""A space of the catalogue's own: fitted where the answer is known, saved, and judged."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from features.adaptation import (
    ADAPTATION,
    Adaptation,
    Method,
    fit,
    read_adaptation,
    validate,
    validate_scenes,
    write_adaptation,
)
from features.errors import AdaptationError
from features.types import ExtractorSpec, Vectors

DIM = 24
SPEC = ExtractorSpec("plain", DIM, 8, "as it is", "0" * 64)
PRODUCTS, PICTURES = 40, 6
OWNERS = [f"p{number:02}" for number in range(PRODUCTS) for _ in range(PICTURES)]
CATEGORIES = [f"c{number % 5}" for number in range(PRODUCTS) for _ in range(PICTURES)]


def vectors(noise: float = 3.0) -> Vectors:
    """The first four numbers tell products apart; the next four are light, and loud."""
    random = np.random.default_rng(1)
    found = random.normal(0, 0.05, (PRODUCTS * PICTURES, DIM))
    found[:, :4] += np.repeat(random.normal(0, 1, (PRODUCTS, 4)), PICTURES, axis=0)
    found[:, 4:8] += random.normal(0, noise, (PRODUCTS * PICTURES, 4))
    return found.astype(np.float32)


def fitted(method: Method = Method.PRODUCT) -> Adaptation:
    return fit(vectors(), OWNERS, SPEC, method)


def test_what_differs_within_products_counts_less_than_what_differs_between_them() -> None:
    lengths = np.linalg.norm(fitted().projection, axis=1)
    assert lengths[:4].min() > 2 * lengths[4:8].max()


def test_adapted_vectors_have_length_1_and_the_dimension_that_is_told() -> None:
    adaptation = fitted()
    adapted = adaptation.apply(vectors())
    assert adapted.shape == (len(OWNERS), adaptation.dim)
    assert adapted.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(adapted, axis=1), 1, rtol=1e-6)


def test_a_vector_is_adapted_alike_alone_and_among_others() -> None:
    adaptation, many = fitted(), vectors()
    alone = np.concatenate([adaptation.apply(many[row : row + 1]) for row in range(len(many))])
    np.testing.assert_array_equal(alone, adaptation.apply(many))


def test_the_vector_in_the_middle_stays_a_vector_of_zeros() -> None:
    adaptation = fitted()
    assert not adaptation.apply(adaptation.mean[None]).any()


@pytest.mark.parametrize("method", Method)
def test_the_same_vectors_give_the_same_adaptation(method: Method) -> None:
    assert fitted(method).digest == fitted(method).digest


def test_other_vectors_give_another_digest() -> None:
    assert fit(vectors(2.0), OWNERS, SPEC, Method.PRODUCT).digest != fitted().digest


def test_whitening_makes_all_directions_alike() -> None:
    adaptation = fitted(Method.NONE)
    mapped = (vectors() - adaptation.mean) @ adaptation.projection
    before, after = np.cov(vectors().T), np.cov(mapped.T)
    assert np.linalg.cond(after) < np.linalg.cond(before) / 10


def test_the_crop_of_the_store_plays_no_part() -> None:
    cropped = ExtractorSpec("plain", DIM, 8, "as it is", "0" * 64, crop="auto:regions")
    assert fit(vectors(), OWNERS, cropped, Method.PRODUCT).fingerprint == SPEC.fingerprint


def test_products_with_one_picture_each_teach_no_discriminant() -> None:
    with pytest.raises(AdaptationError, match="tell nothing about what belongs together"):
        fit(vectors(), [str(row) for row in range(len(OWNERS))], SPEC, Method.PRODUCT)


def test_a_handful_of_pictures_is_refused() -> None:
    with pytest.raises(AdaptationError, match="5 pictures are too few"):
        fit(vectors()[:5], OWNERS[:5], SPEC, Method.NONE)


def test_vectors_that_hold_no_numbers_are_refused() -> None:
    broken = vectors()
    broken[3, 3] = np.nan
    with pytest.raises(AdaptationError, match="hold no numbers"):
        fit(broken, OWNERS, SPEC, Method.PRODUCT)


def test_a_discriminant_that_helps_is_found_to_help() -> None:
    verdict = validate(vectors(), OWNERS, CATEGORIES, SPEC, Method.PRODUCT)
    assert verdict.by is Method.PRODUCT
    assert verdict.queries == PRODUCTS * PICTURES // 3
    assert verdict.helps
    assert verdict.adapted > verdict.plain + 0.3


def test_products_without_likeness_are_found_not_to_help() -> None:
    noise = np.random.default_rng(2).normal(size=(len(OWNERS), DIM)).astype(np.float32)
    assert not validate(noise, OWNERS, CATEGORIES, SPEC, Method.PRODUCT).helps


def test_what_is_right_already_is_left_as_it_is() -> None:
    verdict = validate(vectors(0.0), OWNERS, CATEGORIES, SPEC, Method.PRODUCT)
    assert verdict.plain > 0.95
    assert not verdict.helps


def test_categories_judge_where_each_product_has_one_picture() -> None:
    products = [str(row) for row in range(len(OWNERS))]
    verdict = validate(vectors(), products, OWNERS, SPEC, Method.CATEGORY)
    assert verdict.by is Method.CATEGORY
    assert verdict.helps


def test_products_with_two_pictures_each_are_learned_from() -> None:
    pair = np.arange(len(OWNERS)) % PICTURES < 2
    owners = [owner for owner, first in zip(OWNERS, pair, strict=True) if first]
    verdict = validate(vectors()[pair], owners, [""] * len(owners), SPEC, Method.PRODUCT)
    assert (verdict.by, verdict.queries) == (Method.PRODUCT, 14)
    assert verdict.adapted > verdict.plain


@pytest.mark.parametrize("method", [Method.PRODUCT, Method.CATEGORY])
def test_one_very_long_name_takes_no_memory_for_all_the_others(method: Method) -> None:
    long = "x" * 100_000
    owners = [long if owner == "p00" else owner for owner in OWNERS]
    categories = [long if category == "c0" else category for category in CATEGORIES]
    usual = validate(vectors(), OWNERS, CATEGORIES, SPEC, method)
    tracemalloc.start()
    try:
        assert validate(vectors(), owners, categories, SPEC, method) == usual
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_catalogue_that_cannot_tell_is_refused() -> None:
    products = [str(row) for row in range(len(OWNERS))]
    with pytest.raises(AdaptationError, match="several pictures each, or categories"):
        validate(vectors(), products, [""] * len(products), SPEC, Method.NONE)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    adaptation = fitted()
    write_adaptation(tmp_path, adaptation)
    read = read_adaptation(tmp_path)
    assert read is not None
    assert read.digest == adaptation.digest
    assert (read.method, read.extractor, read.fingerprint, read.pictures, read.classes) == (
        "product",
        "plain",
        SPEC.fingerprint,
        len(OWNERS),
        PRODUCTS,
    )


def test_a_store_without_one_has_none(tmp_path: Path) -> None:
    assert read_adaptation(tmp_path) is None


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_torn_file_is_refused(tmp_path: Path, place: float) -> None:
    write_adaptation(tmp_path, fitted())
    file = tmp_path / ADAPTATION
    file.write_bytes(file.read_bytes()[: int(place * file.stat().st_size)])
    with pytest.raises(AdaptationError, match="cannot be read"):
        read_adaptation(tmp_path)


def test_it_needs_no_network_package() -> None:
    code = "import sys, features.adaptation; assert 'openvino' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def drawn(noise: float) -> tuple[Vectors, Vectors, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Pictures of the catalogue, photos of them in other light, and what those show."""
    random, shown = np.random.default_rng(6), np.repeat(np.arange(PRODUCTS), PICTURES)
    gallery = np.zeros((PRODUCTS, DIM))
    gallery[:, :4] = random.normal(0, 1, (PRODUCTS, 4))
    gallery[:, 4:8] = random.normal(0, noise, (PRODUCTS, 4))
    photos = gallery[shown] + random.normal(0, 0.05, (len(shown), DIM))
    photos[:, 4:8] += random.normal(0, noise, (len(shown), 4))
    return gallery.astype(np.float32), photos.astype(np.float32), shown


def test_photos_of_products_that_were_not_learned_from_are_found_better() -> None:
    gallery, photos, shown = drawn(noise=2)
    verdict = validate_scenes(gallery, photos, shown, SPEC)
    assert verdict.helps
    assert verdict.by is Method.PRODUCT
    assert verdict.queries == 14 * PICTURES, "a third of the products"
    assert verdict.adapted > verdict.plain


def test_where_photos_are_found_as_they_are_scenes_do_not_help() -> None:
    verdict = validate_scenes(*drawn(noise=0), SPEC)
    assert verdict.plain > 0.9
    assert not verdict.helps


def test_too_few_drawn_photos_cannot_judge() -> None:
    gallery, photos, shown = drawn(noise=2)
    few = shown < 2
    with pytest.raises(AdaptationError, match="fewer than"):
        validate_scenes(gallery, photos[few], shown[few], SPEC)
