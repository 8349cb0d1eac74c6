"""What distances of weighted vectors mean, by what those without the weights do."""

from dataclasses import replace

import numpy as np

from features.parts import weighted
from features.similarity.curve import Calibration
from features.store import StoreView
from features.types import Vectors
from features.vectors import squared_distances

_PICTURES = 64  # which make 2,016 pairs


def stretched(calibration: Calibration, view: StoreView, weights: Vectors) -> Calibration:
    """A store's curve, as much wider or narrower as the weights make distances in the store.

    A similarity then means what it means without the weights, and 100 is an equal vector still.
    """
    live = np.random.default_rng(0).permutation(np.flatnonzero(view.live))[:_PICTURES]
    vectors = view.vectors(np.sort(live))
    usual, now = _median_distance(vectors), _median_distance(weighted(vectors, weights))
    factor = now / usual if usual and now else 1.0
    return replace(
        calibration, distances=tuple(distance * factor for distance in calibration.distances)
    )


def _median_distance(vectors: Vectors) -> float:
    """Between two different rows; 0 where there are no two."""
    exact = vectors.astype(np.float64)
    pairs = np.triu_indices(len(vectors), 1)
    squared = squared_distances(exact, exact)[pairs]
    return float(np.sqrt(np.median(squared))) if len(squared) else 0.0
