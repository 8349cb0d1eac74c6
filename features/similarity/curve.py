"""Distances as similarities from 0 to 100, by the distances that a store itself has.

A raw distance means something else for every extractor and every catalogue. Two samples give it a
meaning, both of pictures that play the shopper's photo: how far such a picture is from its own
product, and how far from other products. A similarity is the share of the first sample that is
farther than the distance, averaged with the same share of the second: 100 for an equal vector, 0
where everything is nearer, and it never grows with the distance. About 50 is where a thing stops
looking like itself, and most other products are still farther.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import StoreCorruptError
from features.json_text import read_json

CALIBRATION = "calibration.json"
FORMAT = 1
_KNOTS = 101
_KNOWN = 0.95  # of the first sample
Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """A falling curve through knots: `distances` ascending, `similarities` descending.

    `threshold` is the similarity below which a product does not count as the same thing: of the
    pictures that played a photo, 19 in 20 were nearer to their own product.
    """

    distances: tuple[float, ...]
    similarities: tuple[float, ...]
    threshold: float
    pictures: int
    """How many the store had then."""
    same: int
    """The size of the first sample."""
    other: int
    """The size of the second sample."""
    format: int = FORMAT

    def similarity(self, distance: float) -> float:
        """0 to 100; 100 for distance 0."""
        # As numpy.interp, which would make arrays of both tuples for each number.
        after = bisect_right(self.distances, distance)
        if after in (0, len(self.distances)):
            return self.similarities[max(0, after - 1)]
        (left, right), (above, below) = (
            knots[after - 1 : after + 1] for knots in (self.distances, self.similarities)
        )
        return (below - above) / (right - left) * (distance - left) + above

    def to_json(self) -> str:
        """For its file beside the manifest."""
        return json.dumps(asdict(self), indent=1) + "\n"


def fit(same: Distances, other: Distances, pictures: int) -> Calibration:
    """The calibration for two samples of distances, shapes (n,) and (m,); either may be empty.

    Equal pictures of different products are no news about likeness: distances of 0 are left out.
    """
    same, other = (np.sort(sample[sample > 0]) for sample in (same, other))
    if not len(same):
        same = other / 2  # nothing is known: nearer than halfway to another product
    if not len(other):
        other = same * 2
    if not len(same):
        same, other = np.array([0.5]), np.array([1.0])
    knots = np.unique(np.quantile(np.concatenate([same, other]), np.linspace(0, 1, _KNOTS)))
    shares = [(_farther(same, knot), _farther(other, knot)) for knot in knots]
    similarities = np.array([50 * (one + two) for one, two in shares])
    distances = np.concatenate([[0.0], knots, [2 * knots[-1]]])
    curve = _falling(np.concatenate([[100.0], np.minimum(similarities, 99.9), [0.0]]))
    return Calibration(
        tuple(distances.tolist()),
        tuple(curve.tolist()),
        threshold=round(float(np.interp(np.quantile(same, _KNOWN), distances, curve)), 1),
        pictures=pictures,
        same=len(same),
        other=len(other),
    )


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration of a store; None where it has none yet.

    Raises:
        StoreCorruptError: the file cannot be read.
    """
    path = folder / CALIBRATION
    try:
        return _parsed(read_json(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreCorruptError(
            f"{path} is damaged ({error}); delete it and extract the catalogue again"
        ) from error


def _parsed(data: Mapping[str, Any]) -> Calibration:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}")
    tuples = {name: tuple(map(float, data[name])) for name in ("distances", "similarities")}
    return Calibration(**{**data, **tuples})


def _farther(sample: Distances, distance: float) -> float:
    """The share of a sample that is farther apart; half of what is exactly as far."""
    below = np.searchsorted(sample, distance, side="left")
    up_to = np.searchsorted(sample, distance, side="right")
    return 1.0 - float(below + up_to) / (2 * len(sample))


def _falling(curve: Distances) -> Distances:
    """Never rising; equal neighbours stay equal."""
    return np.minimum.accumulate(curve)
