"""Pictures of one thing, each in one of the extractor's views."""

import numpy as np

from features.extractors import Extractor
from features.extractors.by_turns import embed_by_turns
from features.extractors.views import AS_IT_IS, MIRRORED
from tests.helpers import drawing


def test_pictures_take_the_views_by_turns(extractor: Extractor) -> None:
    one, two, three = (drawing(seed) for seed in range(3))
    seen = embed_by_turns(extractor, [one, two, three], (AS_IT_IS, MIRRORED))
    first, *_, third = embed_by_turns(extractor, [one, two, three], (AS_IT_IS,))
    (second,) = embed_by_turns(extractor, [two], (MIRRORED,))
    assert np.array_equal(seen, [first, second, third])


def test_no_pictures_have_no_vectors(extractor: Extractor) -> None:
    assert embed_by_turns(extractor, [], (AS_IT_IS,)).shape == (0, extractor.spec.dim)
