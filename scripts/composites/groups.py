"""Which photos come into one picture."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from features.evaluation import LabelledQuery


def groups_of_different_products(
    queries: Iterable[LabelledQuery], size: int, random: np.random.Generator
) -> list[list[LabelledQuery]]:
    """Every query in exactly one group; no product twice in a group.

    The last groups are smaller where the products do not suffice.
    """
    waiting: dict[str, list[LabelledQuery]] = defaultdict(list)
    for query in queries:
        waiting[query.product_id].append(query)
    groups = []
    while waiting:
        names = [list(waiting)[number] for number in random.permutation(len(waiting))]
        # Products with most photos left go first, or the last groups would lack other products.
        names.sort(key=lambda name: -len(waiting[name]))
        groups.append([waiting[name].pop() for name in names[:size]])
        waiting = defaultdict(list, {name: left for name, left in waiting.items() if left})
    return groups
