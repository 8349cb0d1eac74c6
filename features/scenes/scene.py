"""One drawn photo of a product, the same for the same seed."""

from collections.abc import Sequence

import numpy as np

from features.scenes.arrangements import heap, shelf, single
from features.scenes.camera import photographed
from features.scenes.cutout import Cutout
from features.types import Image

_ARRANGEMENTS = (heap, shelf, single)


def scene(item: Cutout, others: Sequence[Cutout], product: int, number: int) -> Image:
    """The photo of that number of the product of that number: heaps, shelves and single ones.

    Other products, as far as there are any, lie behind it.
    """
    random = np.random.default_rng([product, number])
    arranged = _ARRANGEMENTS[number % len(_ARRANGEMENTS)](item, others, random)
    return photographed(arranged, random)
