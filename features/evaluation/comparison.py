"""Two stores asked for the same pictures: which one answers better, as far as these can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.errors import TooFewPicturesError
from features.evaluation.asking import Answers
from features.evaluation.bootstrap import Estimate, mean_estimates
from features.evaluation.metrics import METRICS, metric_values
from features.evaluation.outcomes import Outcome
from features.evaluation.probes import Probe, in_both, own_probes
from features.search import SearchService

_PRECISION = list(METRICS).index("mAP")


@dataclass(frozen=True)
class Difference:
    """One metric of two stores. `difference` is the second less the first, paired by picture."""

    one: float
    other: float
    difference: Estimate

    @property
    def better(self) -> int:
        """1 where the second store is better, -1 where the first is, 0 where nobody can tell."""
        return int(self.difference.low > 0) - int(self.difference.high < 0)


@dataclass(frozen=True)
class StoreComparison:
    """The metrics of two stores over the same pictures; None where no picture tells.

    The intervals are bootstraps over products. Both stores have all of these.
    """

    pictures: int
    products: int
    unreadable: int
    """Pictures left out because they are gone."""
    metrics: Mapping[str, Difference | None]


@dataclass(frozen=True)
class Shared:
    """Pictures that two stores can both be asked for."""

    probes: tuple[Probe, ...]
    missing_products: int
    """Products left out because only one of the stores has them, or a picture of them."""


def shared_pictures(one: SearchService, other: SearchService) -> Shared:
    """The pictures that both stores have.

    Raises:
        TooFewPicturesError: there are none.
    """
    probes = in_both(own_probes(one.view), own_probes(other.view))
    if not probes:
        raise TooFewPicturesError(
            "the two stores have no picture in common; make both of one catalogue, or compare "
            "them with photos of your own: evaluate.py QUERIES.csv --compare A B"
        )
    known = {*one.view.products, *other.view.products}
    return Shared(tuple(probes), len(known - {probe.product_id for probe in probes}))


def shared_photos(one: SearchService, other: SearchService, photos: Sequence[Probe]) -> Shared:
    """The photos of products that both stores have.

    Raises:
        TooFewPicturesError: there are none.
    """
    products = (one.view.products, other.view.products)
    asked = [photo for photo in photos if all(photo.product_id in known for known in products)]
    if not asked:
        raise TooFewPicturesError(
            "the queries name no product that both stores have; compare stores of one catalogue"
        )
    left = {photo.product_id for photo in photos} - {photo.product_id for photo in asked}
    return Shared(tuple(asked), len(left))


def compare(one: Answers, other: Answers) -> StoreComparison:
    """Pair the answers of two stores by picture.

    The precision is not compared where one store has more pictures of the product to find.

    Raises:
        TooFewPicturesError: no picture was answered by both.
    """
    pairs = _paired(one.outcomes, other.outcomes)
    if not pairs:
        raise TooFewPicturesError(
            "no picture can be read for both stores any more; extract the catalogue again"
        )
    firsts, others = (metric_values(some) for some in zip(*pairs, strict=True))
    firsts[:, _PRECISION] = np.where(_as_many(pairs), firsts[:, _PRECISION], np.nan)
    owners = [first.probe.product_id for first, _ in pairs]
    estimates = mean_estimates(others - firsts, owners)
    return StoreComparison(
        len(pairs),
        len(set(owners)),
        max(len(answers.outcomes) + answers.unreadable for answers in (one, other)) - len(pairs),
        {
            name: _difference(firsts[:, column], others[:, column], estimate)
            for column, (name, estimate) in enumerate(zip(METRICS, estimates, strict=True))
        },
    )


def _paired(one: Sequence[Outcome], other: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    answered = {outcome.probe: outcome for outcome in other}
    return [(first, answered[first.probe]) for first in one if first.probe in answered]


def _as_many(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[bool]:
    return [first.right_pictures == second.right_pictures for first, second in pairs]


def _difference(
    one: np.ndarray[tuple[int], np.dtype[np.float64]],
    other: np.ndarray[tuple[int], np.dtype[np.float64]],
    estimate: Estimate | None,
) -> Difference | None:
    """Where only one store's category is known, the picture counts for neither."""
    if estimate is None:
        return None
    both = np.isfinite(one) & np.isfinite(other)
    return Difference(float(one[both].mean()), float(other[both].mean()), estimate)
