"""Several things to search with as one vector: photos, products of the store, and words."""

from collections.abc import Sequence

import numpy as np

from features.errors import UnknownProductError
from features.search.gallery import Gallery
from features.types import TextQuery, Vectors
from features.vectors import mean_of


def product_vector(gallery: Gallery, product_id: str) -> Vectors:
    """The mean of a product's pictures: shape (dim,).

    Raises:
        UnknownProductError: there is no such product.
    """
    view = gallery.view
    rows = view.rows_of(product_id)
    if not rows or product_id not in view.products:
        raise UnknownProductError(f"There is no product {product_id!r}.")
    return mean_of(view.vectors(np.array(rows)), normalized=view.spec.normalized)


def blended(
    seeds: Sequence[Vectors], said: Sequence[Vectors], text: TextQuery | None, *, normalized: bool
) -> Vectors:
    """The mean of the seeds and, with the text's weight, of what is said: shape (dim,).

    Either may be lacking.
    """
    weight = 0.0 if text is None else text.weight
    parts = [
        (mean_of(np.stack(vectors), normalized=normalized), share)
        for vectors, share in ((seeds, 1 - weight), (said, weight))
        if len(vectors)
    ]
    vectors, shares = zip(*parts, strict=True)
    return mean_of(np.stack(vectors), normalized=normalized, weights=shares)
