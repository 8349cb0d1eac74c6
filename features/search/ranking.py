"""From a vector to products: nearest first, one hit each, as many and as similar as wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

import numpy as np

from features.errors import InvalidQueryError, StoreEmptyError
from features.filters import Facets, count_facets
from features.filters.fields import CATEGORY, as_asked
from features.index.scope import Scope, search_scope
from features.search.gallery import Gallery
from features.store import StoreView
from features.types import Fallback, Filter, Hit, Neighbour, RowMask, Vectors, Wanted

MAX_LIMIT = 100
MAX_OFFSET = 1_000
_MOST_FACETS = 20
_MOST_EXCLUDED = 1_000
_AMPLE = 1.25  # times the neighbours that as many products have on average
_SPARE = 10
_COUNTED = 200  # products that facets are counted over, whichever page is asked for


@dataclass(frozen=True)
class Ranking:
    """The products of an answer, nearest first, and what is said of them as a whole."""

    hits: tuple[Hit, ...]
    no_confident_match: bool
    facets: Facets


def check_wanted(wanted: Wanted) -> None:
    """Refuse what no answer could hold.

    Raises:
        InvalidQueryError: a number is out of its range, or a list too long.
    """
    if not 1 <= wanted.limit <= MAX_LIMIT:
        raise InvalidQueryError(f"limit is {wanted.limit}; it must be from 1 to {MAX_LIMIT}")
    if not 0 <= wanted.offset <= MAX_OFFSET:
        raise InvalidQueryError(f"offset is {wanted.offset}; it must be from 0 to {MAX_OFFSET}")
    if not 0 <= wanted.threshold <= 100:
        raise InvalidQueryError(f"threshold is {wanted.threshold:g}; it must be from 0 to 100")
    if len(wanted.facets) > _MOST_FACETS:
        raise InvalidQueryError(f"there are more than {_MOST_FACETS} facets")
    if len(wanted.exclude) > _MOST_EXCLUDED:
        raise InvalidQueryError(f"more than {_MOST_EXCLUDED} products are excluded")


def check_not_empty(gallery: Gallery) -> None:
    """Refuse to search where there is nothing.

    Raises:
        StoreEmptyError: the store holds nothing at all.
    """
    if not gallery.view.picture_count:
        raise StoreEmptyError(
            "the store has no pictures yet; run scripts/extract_features.py on a catalogue"
        )


def rank_products(gallery: Gallery, vector: Vectors, wanted: Wanted, category: str = "") -> Ranking:
    """The products nearest to a vector, shape (dim,).

    Args:
        category: where to look for a fallback; that of the nearest product if it is empty.

    Raises:
        StoreEmptyError: the store holds nothing at all.
    """
    check_not_empty(gallery)
    scope = _scope(gallery, wanted.filters, wanted.exclude)
    last = wanted.offset + wanted.limit
    # Chips refine the whole search: their counts stay as they are while a shopper turns pages. A
    # page farther on is searched apart, as a wider search of a saved index may find others too.
    counted = _nearest(gallery, vector, _COUNTED, scope) if wanted.facets else []
    near = bool(wanted.facets) and last <= _COUNTED
    found = counted if near else _nearest(gallery, vector, last, scope)
    similar = _similar(found, wanted)
    hits = similar[wanted.offset : last]
    if len(similar) < last and wanted.fallback is Fallback.CATEGORY:
        nearest = found[0].product.category if found else ""
        hits += _fallback(gallery, vector, wanted, similar, category or nearest)
    return Ranking(
        tuple(hits),
        no_confident_match=not found or found[0].similarity < gallery.calibration.threshold,
        facets=count_facets((hit.product for hit in _similar(counted, wanted)), wanted.facets),
    )


def _similar(found: Sequence[Hit], wanted: Wanted) -> list[Hit]:
    return [hit for hit in found if hit.similarity >= wanted.threshold]


def _fallback(
    gallery: Gallery, vector: Vectors, wanted: Wanted, similar: Sequence[Hit], category: str
) -> list[Hit]:
    """Products of the category that fill the page up, and are not among the similar ones."""
    if not category:
        return []
    filters = (*wanted.filters, Filter(CATEGORY, frozenset([as_asked(CATEGORY, category)])))
    exclude = wanted.exclude | {hit.product.id for hit in similar}
    scope = _scope(gallery, filters, exclude)
    first = max(0, wanted.offset - len(similar))
    room = wanted.limit - max(0, len(similar) - wanted.offset)
    found = _nearest(gallery, vector, first + room, scope)
    return [replace(hit, fallback=True) for hit in found[first : first + room]]


def _scope(gallery: Gallery, filters: tuple[Filter, ...], exclude: frozenset[str]) -> Scope:
    return Scope(filters, exclude, cache(lambda: _allowed(gallery, filters, exclude)))


def _allowed(
    gallery: Gallery, filters: tuple[Filter, ...], exclude: frozenset[str]
) -> RowMask | None:
    """The rows that may be found; None is all of them."""
    view = gallery.view
    rows = gallery.masks.rows(filters) if filters else view.live
    excluded = [row for product_id in exclude for row in view.rows_of(product_id)]
    if excluded:
        rows = rows.copy()
        rows[excluded] = False
    return None if rows.all() else rows


def _nearest(gallery: Gallery, vector: Vectors, count: int, scope: Scope) -> list[Hit]:
    """Widen the search until `count` products, and all that tie with the last, are in it."""
    view = gallery.view
    k = round(_AMPLE * count * gallery.pictures_each) + _SPARE
    while True:
        (neighbours,) = search_scope(gallery.index, vector[None], k, scope)
        best = _best_of_each_product(neighbours, view)
        everything = len(neighbours) < k or k >= len(view.live)
        if everything or (len(best) > count and neighbours[-1].distance > best[count - 1].distance):
            return [_hit(neighbour, gallery) for neighbour in best[:count]]
        k *= 4


def _best_of_each_product(neighbours: Sequence[Neighbour], view: StoreView) -> list[Neighbour]:
    """Of neighbours in the order of their distances; ties by product id."""
    best: dict[int, Neighbour] = {}
    for owner, neighbour in zip(_owners(neighbours, view), neighbours, strict=True):
        best.setdefault(owner, neighbour)
    groups = groupby(best.values(), key=lambda neighbour: neighbour.distance)
    return [neighbour for _, tied in groups for neighbour in _by_product_id([*tied], view)]


def _owners(neighbours: Sequence[Neighbour], view: StoreView) -> list[int]:
    rows = np.array([neighbour.row for neighbour in neighbours], dtype=np.int64)
    owners: list[int] = view.owners[rows].tolist()
    return owners


def _by_product_id(tied: list[Neighbour], view: StoreView) -> list[Neighbour]:
    if len(tied) > 1:  # ids are read from a file
        tied.sort(key=lambda neighbour: view.pictures[neighbour.row].product_id)
    return tied


def _hit(neighbour: Neighbour, gallery: Gallery) -> Hit:
    picture = gallery.view.pictures[neighbour.row]
    return Hit(
        gallery.view.product_of(neighbour.row),
        picture,
        neighbour.distance,
        gallery.calibration.similarity(neighbour.distance),
    )
