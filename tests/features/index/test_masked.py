"""Codes of masks: those of filters in use stay, those of single questions go again."""

import weakref

import numpy as np

from features.index.engines import KINDS, FaissEngine
from features.index.masked import MaskedCodes
from features.types import RowMask

_ROWS = 5_000_000


def test_masks_that_were_asked_once_do_not_pile_up() -> None:
    """One excluded product is a mask of its own, and of a vast store the mask is the most."""
    vectors = np.eye(8, dtype=np.float32)
    engine = FaissEngine.trained(KINDS["sq8"], vectors, 8)
    engine.add(vectors)
    codes = MaskedCodes(engine, np.arange(8))
    masks: list[weakref.ref[RowMask]] = []
    for _ in range(40):
        mask = np.zeros(_ROWS, dtype=np.bool_)
        mask[3] = True
        assert codes.likely(vectors[3], 1, mask).tolist() == [3]
        masks.append(weakref.ref(mask))
        del mask
    assert sum(mask() is not None for mask in masks) < 30
