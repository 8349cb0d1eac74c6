"""Several rankings of the same things as one."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
K = 60


def fuse(rankings: Sequence[Sequence[T]], k: int = K) -> dict[T, float]:
    """All that is ranked, best first, with its score, by reciprocal rank fusion.

    Only places count, so the rankings may be by numbers that cannot be compared. Something has
    1 / (k + place) from each ranking that it is in, its place counted from 1 (Cormack, Clarke and
    Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods",
    SIGIR 2009, whose k is 60). Ties go to the best single place, then to the earlier ranking.
    """
    scores: dict[T, float] = defaultdict(float)
    best: dict[T, int] = {}
    for ranking in rankings:
        for place, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] += 1 / (k + place)
            best[item] = min(place, best.get(item, place))
    ordered = sorted(scores, key=lambda item: (-scores[item], best[item]))
    return {item: scores[item] for item in ordered}
