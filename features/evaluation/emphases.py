"""What an emphasis brings: products of the photo's colour, or of its kind in other colours."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from features.evaluation.colour_names import main_colour
from features.evaluation.queries import LabelledQuery, known_box, query_vector
from features.images import decode, read_picture
from features.search import Promising, SearchService
from features.types import Emphasis, Query, Wanted

_DEPTH = 5


@dataclass(frozen=True)
class EmphasisFigures:
    """Shares of the first five products, over all photos; `recall_at_1` of the photos."""

    emphasis: Emphasis
    same_colour: float
    same_category: float
    category_in_other_colour: float
    recall_at_1: float


def measure_emphases(
    service: SearchService,
    queries: Iterable[LabelledQuery],
    on_query: Callable[[], None] = lambda: None,
) -> list[EmphasisFigures]:
    """Search every photo once with each emphasis.

    Raises:
        NoEmphasisError: the vectors of the store have no parts that could count more.
        QueriesError: a photo or its box cannot be used.
    """
    colour_of = cache(lambda digest: main_colour(decode(service.picture(digest)).convert("RGB")))
    rows: dict[Emphasis, list[tuple[float, ...]]] = {emphasis: [] for emphasis in Emphasis}
    for query in queries:
        photo = read_picture(query.path)
        colour = main_colour(decode(photo).convert("RGB"))
        chosen = Promising(0, query_vector(service.extractor, query, known_box))
        for emphasis in Emphasis:
            wanted = Wanted(limit=_DEPTH, emphasis=emphasis)
            hits = service.search(Query(photo, query.box), wanted, chosen=chosen).hits
            like = np.array([colour_of(hit.picture.content_hash) == colour for hit in hits])
            kind = np.array([hit.product.category == query.category for hit in hits])
            right = bool(hits) and hits[0].product.id == query.product_id
            shares = (like.mean(), kind.mean(), (kind & ~like).mean(), right)
            rows[emphasis].append(tuple(map(float, shares)))
        on_query()
    return [
        EmphasisFigures(emphasis, *np.mean(shares, axis=0).tolist())
        for emphasis, shares in rows.items()
    ]
