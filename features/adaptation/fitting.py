"""Fitting: whitening by all pictures, or a discriminant by what is known to belong together.

The discriminant is Fisher's, with the scatter within classes shrunk (Friedman, "Regularized
Discriminant Analysis", JASA 1989): what differs between pictures of one product counts less.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.adaptation.adaptation import Adaptation
from features.adaptation.scatter import (
    Classes,
    class_scatter,
    discriminant,
    leading_axes,
    shrunk,
    total_scatter,
    whitening,
)
from features.errors import AdaptationError
from features.types import NO_CROP, ExtractorSpec, Vectors

_SHRINKAGE = 0.2
_SCENES_SHRINKAGE = 0.7  # drawn photos scatter otherwise than true ones do
_SCENES_EMPHASIS = 1 / 8  # nor is it sure which of their lesser differences are true
_MOST_DIMENSIONS = 256
_FEWEST_PICTURES = 20
_FEWEST_CLASSES = 3


class Method(StrEnum):
    """What a fit is told beside the vectors."""

    PRODUCT = "product"
    CATEGORY = "category"
    SCENES = "scenes"
    """Photos drawn from the catalogue's pictures; each picture is a class."""
    NONE = "none"


def fit(vectors: Vectors, labels: Sequence[str], spec: ExtractorSpec, method: Method) -> Adaptation:
    """Learn from vectors of shape (n, dim), and from the product or category of each.

    The same vectors give the same adaptation. Labels play no part for `Method.NONE`; pictures
    without one (an empty text) play none for the others.

    Raises:
        AdaptationError: there are too few pictures, or too few that belong together.
    """
    if not np.isfinite(vectors).all():
        raise AdaptationError("some vectors hold no numbers; extract the catalogue again")
    return (
        _whitened(vectors, spec)
        if method is Method.NONE
        else _discriminant(vectors, labels, spec, method)
    )


def _whitened(vectors: Vectors, spec: ExtractorSpec) -> Adaptation:
    _check_count(len(vectors))
    mean, covariance = total_scatter(vectors)
    axes = leading_axes(covariance, min(_MOST_DIMENSIONS, *covariance.shape, len(vectors) - 1))
    projection = whitening(shrunk(covariance, _SHRINKAGE)) @ axes
    return _adaptation(mean, projection, spec, Method.NONE, len(vectors), 0)


def _discriminant(
    vectors: Vectors, labels: Sequence[str], spec: ExtractorSpec, method: Method
) -> Adaptation:
    known = np.array([bool(label) for label in labels], dtype=np.bool_)
    vectors = vectors[known]
    _check_count(len(vectors))
    classes = numbered([label for label in labels if label])
    count = int(classes.max()) + 1
    _check_classes(count, len(vectors), method)
    scatter = class_scatter(vectors, classes)
    scenes = method is Method.SCENES
    within = shrunk(scatter.within, _SCENES_SHRINKAGE if scenes else _SHRINKAGE)
    dim = min(_MOST_DIMENSIONS, count - 1, vectors.shape[1])
    emphasis = _SCENES_EMPHASIS if scenes else 0
    projection = discriminant(within, scatter.apart, dim, emphasis)
    return _adaptation(scatter.mean, projection, spec, method, len(vectors), count)


def numbered(labels: Sequence[str]) -> Classes:
    """Each label's number in their order, from 0 on."""
    # numpy's arrays of texts take for each as much as the longest of them needs.
    numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
    return np.fromiter((numbers[label] for label in labels), np.int64, len(labels))


def _check_count(pictures: int) -> None:
    if pictures < _FEWEST_PICTURES:
        raise AdaptationError(
            f"{pictures} pictures are too few to learn from; import {_FEWEST_PICTURES} or more"
        )


def _check_classes(classes: int, pictures: int, method: Method) -> None:
    if classes < _FEWEST_CLASSES or classes == pictures:
        raise AdaptationError(
            f"{pictures} pictures with {classes} different values of {method} tell nothing about "
            "what belongs together; choose another --supervised, or none"
        )


def _adaptation(
    mean: NDArray[np.float64],
    projection: NDArray[np.float64],
    spec: ExtractorSpec,
    method: Method,
    pictures: int,
    classes: int,
) -> Adaptation:
    return Adaptation(
        mean=mean.astype(np.float32),
        projection=projection.astype(np.float32),
        method=method.value,
        extractor=spec.name,
        fingerprint=replace(spec, crop=NO_CROP).fingerprint,
        pictures=pictures,
        classes=classes,
    )
