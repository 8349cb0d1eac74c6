"""Whether an adaptation helps, by pictures of the catalogue that it was not fitted on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.adaptation.fitting import Method, fit, numbered
from features.adaptation.scatter import Classes
from features.errors import AdaptationError
from features.types import ExtractorSpec, RowMask, Vectors

_HELD_OUT = 3  # one in so many
_MOST_QUERIES = 1_000
_FEWEST_QUERIES = 10
_BATCH = 100
Hits = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """How often the nearest picture is right, for pictures held out of the fit.

    `by` says what had to be right: the product, or where products have one picture, the category.
    """

    by: Method
    queries: int
    plain: float
    adapted: float
    gained: int
    """Queries that only the adapted space answers rightly."""
    lost: int
    """Queries that only the plain one answers rightly."""

    @property
    def helps(self) -> bool:
        """More is gained than chance would give and take: two standard deviations."""
        return self.gained - self.lost > 2 * math.sqrt(self.gained + self.lost)


@dataclass(frozen=True, eq=False)
class _Split:
    """What is asked for, and which rows ask; the others are fitted on, and found."""

    by: Method
    labels: Classes
    held_out: RowMask


def validate(
    vectors: Vectors,
    products: Sequence[str],
    categories: Sequence[str],
    spec: ExtractorSpec,
    method: Method,
) -> Verdict:
    """Fit on a part of the pictures, and search that part with the others.

    Held out are the last pictures of each product, as neighbours in a catalogue are often of one
    moment; or whole products, where each has one picture.

    Raises:
        AdaptationError: nothing can be fitted, or too few pictures can ask.
    """
    split = _split(products, categories)
    kept = ~split.held_out
    known = [
        label
        for label, keep in zip(_labels(products, categories, method), kept, strict=True)
        if keep
    ]
    adaptation = fit(vectors[kept], known, spec, method)
    queries = _some(np.flatnonzero(split.held_out))
    gallery, asking = vectors[kept], vectors[queries]
    wanted, there = split.labels[queries], split.labels[kept]
    plain = _hits(asking, gallery, wanted, there)
    adapted = _hits(adaptation.apply(asking), adaptation.apply(gallery), wanted, there)
    return _verdict(split.by, plain, adapted)


def validate_scenes(
    gallery: Vectors, photos: Vectors, shown: NDArray[np.int64], spec: ExtractorSpec
) -> Verdict:
    """Fit on drawn photos of two thirds of the pictures, and search with those of the others.

    Args:
        gallery: the vectors of the pictures, shape (n, dim); all of them are there to be found.
        photos: the vectors of the drawn photos.
        shown: which picture each photo shows, shape (len(photos),).

    Raises:
        AdaptationError: there are too few pictures.
    """
    held_out = shown % _HELD_OUT == 0
    queries = _some(np.flatnonzero(held_out))
    if len(queries) < _FEWEST_QUERIES:
        raise AdaptationError(f"fewer than {_FEWEST_QUERIES} drawn photos can tell if it helps")
    known = [str(picture) for picture in shown[~held_out].tolist()]
    adaptation = fit(photos[~held_out], known, spec, Method.SCENES)
    asking, wanted, labels = photos[queries], shown[queries], np.arange(len(gallery))
    plain = _hits(asking, gallery, wanted, labels)
    adapted = _hits(adaptation.apply(asking), adaptation.apply(gallery), wanted, labels)
    return _verdict(Method.PRODUCT, plain, adapted)


def _verdict(by: Method, plain: Hits, adapted: Hits) -> Verdict:
    return Verdict(
        by=by,
        queries=len(plain),
        plain=float(plain.mean()),
        adapted=float(adapted.mean()),
        gained=int((adapted & ~plain).sum()),
        lost=int((plain & ~adapted).sum()),
    )


def _labels(products: Sequence[str], categories: Sequence[str], method: Method) -> Sequence[str]:
    return categories if method is Method.CATEGORY else products


def _split(products: Sequence[str], categories: Sequence[str]) -> _Split:
    last = _last_of_each(products)
    if last.sum() >= _FEWEST_QUERIES:
        return _Split(Method.PRODUCT, numbered(products), last)
    whole = _every_third(products) & np.array([bool(category) for category in categories])
    if whole.sum() >= _FEWEST_QUERIES:
        return _Split(Method.CATEGORY, numbered(categories), whole)
    raise AdaptationError(
        f"fewer than {_FEWEST_QUERIES} pictures can tell whether it helps: give products several "
        "pictures each, or categories"
    )


def _last_of_each(products: Sequence[str]) -> RowMask:
    """The last third of each product's pictures, one at least, but never all.

    Where no product would keep two pictures to learn from, two products in three keep theirs.
    """
    rows_of: dict[str, list[int]] = {}
    for row, product in enumerate(products):
        rows_of.setdefault(product, []).append(row)
    held = np.zeros(len(products), dtype=np.bool_)
    for rows in rows_of.values():
        if len(rows) > 1:
            held[rows[-max(1, len(rows) // _HELD_OUT) :]] = True
    pairs = max(map(len, rows_of.values()), default=0) == 2
    return held & _every_third(products) if pairs else held


def _every_third(products: Sequence[str]) -> RowMask:
    number = {product: at for at, product in enumerate(dict.fromkeys(products))}
    return np.array([number[product] % _HELD_OUT == 0 for product in products], dtype=np.bool_)


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Evenly spread, no more than are needed."""
    if len(rows) <= _MOST_QUERIES:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _MOST_QUERIES).astype(np.int64)]


def _hits(queries: Vectors, gallery: Vectors, wanted: Classes, there: Classes) -> Hits:
    """Whether the nearest vector has the wanted label: shape (len(queries),)."""
    lengths = np.einsum("ij,ij->i", gallery, gallery)
    nearest = [
        (lengths - 2 * (queries[at : at + _BATCH] @ gallery.T)).argmin(axis=1)
        for at in range(0, len(queries), _BATCH)
    ]
    hits: Hits = there[np.concatenate(nearest)] == wanted
    return hits
