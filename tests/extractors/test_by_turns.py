"""Pictures of one thing, each in one of the extractor's views."""

import numpy as np
from PIL import ImageOps

from features.extractors import Extractor
from features.extractors.by_turns import embed_by_turns
from features.extractors.views import AS_IT_IS, MIRRORED
from tests.helpers import drawing


def test_pictures_take_the_views_by_turns(extractor: Extractor) -> None:
    one, two, three = (drawing(seed) for seed in range(3))
    seen = embed_by_turns(extractor, [one, two, three], (AS_IT_IS, MIRRORED))
    alone = embed_by_turns(extractor, [one, ImageOps.mirror(two), three], (AS_IT_IS,))
    assert np.array_equal(seen, alone)


def test_no_pictures_have_no_vectors(extractor: Extractor) -> None:
    assert embed_by_turns(extractor, [], (AS_IT_IS,)).shape == (0, extractor.spec.dim)
