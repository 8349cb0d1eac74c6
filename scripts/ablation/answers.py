"""What a catalogue answers to photos with known answers, ranked in one way or another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from features.catalog import read_catalog
from features.errors import RowError
from features.evaluation import LabelledQuery
from features.pictures import locate
from features.types import Vectors
from scripts.ablation.ranking import Ranking, Scores, product_scores

RECALL_1, RECALL_5, CATEGORY, PLACE, PRECISION = range(5)
"""The columns of `Answers.right`; the last two are 1 over the place of the right product, and the
average precision over all pictures."""


@dataclass(frozen=True)
class Catalogue:
    """Pictures with the product of each, and each product's category."""

    paths: list[Path]
    owners: list[str]
    categories: dict[str, str]


@dataclass(frozen=True, eq=False)
class Answers:
    """`right` has the shape (photos, 5), from 0 to 1; what ranking a photo takes, the median."""

    right: NDArray[np.float64]
    milliseconds: float


def read_pictures(path: Path) -> Catalogue:
    """The pictures of a feed, all of whose rows must be right."""
    catalogue = Catalogue([], [], {})
    for entry in read_catalog(path):
        if isinstance(entry, RowError):
            raise entry
        catalogue.categories[entry.product.id] = entry.product.category
        for picture in entry.pictures:
            catalogue.paths.append(locate(path.parent, picture.location))
            catalogue.owners.append(entry.product.id)
    return catalogue


def answers(
    ranking: Ranking,
    photos: Vectors,
    gallery: Vectors,
    queries: Sequence[LabelledQuery],
    catalogue: Catalogue,
) -> Answers:
    """Each photo alone."""
    names, places = np.unique(np.array(catalogue.owners), return_inverse=True)
    rank, spent = ranking.rank(gallery), []
    right = np.empty((len(photos), PRECISION + 1))
    for row, (photo, query) in enumerate(zip(photos, queries, strict=True)):
        before = time.process_time()
        scores = rank(photo)
        products = product_scores(scores, places, ranking.best)
        spent.append((time.process_time() - before) * 1000)
        found = names[np.argsort(products, kind="stable")]
        place = average_precision(products, names == query.product_id)
        right[row] = (
            place == 1,
            place >= 1 / 5,
            catalogue.categories[str(found[0])] == query.category,
            place,
            average_precision(scores, names[places] == query.product_id),
        )
    return Answers(right, median(spent))


def average_precision(scores: Scores, wanted: NDArray[np.bool_]) -> float:
    """The mean, over wanted pictures, of the share of wanted ones up to there; 0 without any."""
    places = np.flatnonzero(wanted[np.argsort(scores, kind="stable")]) + 1
    return float((np.arange(1, len(places) + 1) / places).mean()) if len(places) else 0.0
