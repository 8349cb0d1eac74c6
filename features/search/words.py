"""Searching with words: which products they find, and what they may become."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from features.errors import InvalidQueryError, TextIndexBuildingError, TextSearchError
from features.filters import Facets, count_facets
from features.search.fusing import K, fuse
from features.search.gallery import Gallery
from features.search.ranking import check_not_empty, check_wanted
from features.store import StoreView
from features.text import (
    Indexed,
    Matches,
    Places,
    Scores,
    Suggestion,
    TextIndex,
    check_query,
    find_words,
    suggest_words,
)
from features.types import Emphasis, Fallback, GalleryPicture, Hit, RowMask, Wanted, WordHit

MAX_SUGGESTIONS = 20
_LOOKED_AT = 60  # products, for what a query may become
_COUNTED = 1_000  # products that facets are counted over
_FUSED = 1_000  # products; the search behind takes no more pages than these fill
Look = Callable[[Gallery], Iterable[Hit]]
"""The products of a version whose pictures show what the words say, the best first."""
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """The products of an answer, best first, and what is said of them as a whole."""

    index_version: int
    hits: tuple[WordHit, ...]
    total: int
    all_words: bool
    did_you_mean: str
    facets: Facets


@dataclass(frozen=True)
class Suggestions:
    """What a query may become, the likeliest first."""

    index_version: int
    texts: tuple[Suggestion, ...]


class WordSearch:
    """Follows the words of a store; nothing is done before the first search. For any thread.

    A change of some products is found by the next search. Where the words of many have to be
    indexed first, searches go on with the version before.
    """

    def __init__(self, store: Path) -> None:
        self._index = TextIndex(store)
        self._lock = threading.Lock()
        self._ready: tuple[Gallery, Indexed] | None = None
        self.lacks_index = False
        """Whether a search found that the words of many products have to be indexed."""

    def find(self, newest: Gallery, text: str, wanted: Wanted, look: Look | None = None) -> Found:
        """The products that some words describe; and those that show it, if there is a look.

        The two rankings are fused: neither BM25 nor distances can be compared with the other.

        Raises:
            InvalidQueryError: the words, or what is wanted, cannot be searched.
            StoreEmptyError: there is nothing to find.
            TextSearchError: there is no index, or not yet.
        """
        text = check_query(text)
        _check_wanted(wanted)
        check_not_empty(newest)
        return self._over(
            newest, lambda gallery, indexed: _found(gallery, indexed, text, wanted, look)
        )

    def suggest(self, newest: Gallery, text: str, most: int) -> Suggestions:
        """What words that are being typed may become; raises what `find` does."""
        text = check_query(text)
        if not 1 <= most <= MAX_SUGGESTIONS:
            raise InvalidQueryError(f"limit is {most}; it must be from 1 to {MAX_SUGGESTIONS}")
        check_not_empty(newest)
        return self._over(newest, lambda gallery, indexed: _suggested(gallery, indexed, text, most))

    def _over(self, newest: Gallery, ask: Callable[[Gallery, Indexed], T]) -> T:
        """The answer of the newest version; a damaged database is made anew, once."""
        try:
            return ask(*self._newest(newest))
        except sqlite3.OperationalError as error:
            raise _unreadable(error) from error
        except sqlite3.DatabaseError:
            with self._lock:
                self._ready = None
                self._index.discard()
        try:
            return ask(*self._newest(newest))
        except sqlite3.DatabaseError as error:
            raise _unreadable(error) from error

    def _newest(self, newest: Gallery) -> tuple[Gallery, Indexed]:
        with self._lock:
            if self._ready is None or self._ready[0].view is not newest.view:
                indexed = self._index.over(newest.view, patiently=self._ready is None)
                self.lacks_index = indexed is None
                if indexed is not None:
                    self._ready = newest, indexed
            if self._ready is None:
                raise TextIndexBuildingError(
                    "the words of the catalogue are being indexed; try again in a moment, or run "
                    "scripts/build_index.py"
                )
            return self._ready


def _unreadable(error: sqlite3.Error) -> TextSearchError:
    return TextSearchError(f"the words of products cannot be read: {error}")


def _check_wanted(wanted: Wanted) -> None:
    check_wanted(wanted)
    if (
        wanted.threshold
        or wanted.fallback is not Fallback.NONE
        or wanted.emphasis is not Emphasis.BALANCED
    ):
        raise InvalidQueryError(
            "threshold, fallback and emphasis belong to searches with photos and products: what "
            "words find has no similarity"
        )


def _found(
    gallery: Gallery, indexed: Indexed, text: str, wanted: Wanted, look: Look | None
) -> Found:
    view = gallery.view
    allowed = _allowed(gallery, wanted)
    matches = find_words(indexed, text)
    called = _place_of(view, text)
    ranked = _Ranked.of(matches, allowed)
    pictures = {} if look is None else _pictures_by_place(view, look(gallery))
    if pictures:
        ranked = ranked.fused_with(list(pictures))
    ranked = ranked.led_by(called if allowed[called] else -1)
    best = (view.descriptions[place] for place in ranked.places[:_COUNTED].tolist())
    page = slice(wanted.offset, wanted.offset + wanted.limit)
    return Found(
        index_version=view.version,
        hits=tuple(
            _hit(view, place, score, pictures.get(place))
            for place, score in zip(
                ranked.places[page].tolist(), ranked.scores[page].tolist(), strict=True
            )
        ),
        total=len(ranked.places),
        all_words=matches.all_words and bool(len(ranked.places)),
        did_you_mean=matches.meant,
        facets=count_facets(best, wanted.facets) if wanted.facets else {},
    )


def _suggested(gallery: Gallery, indexed: Indexed, text: str, most: int) -> Suggestions:
    view = gallery.view
    matches = find_words(indexed, text, typing=True)
    best = (view.descriptions[place] for place in matches.places[:_LOOKED_AT].tolist())
    return Suggestions(view.version, tuple(suggest_words(best, matches.choices, most)))


@dataclass(frozen=True, eq=False)
class _Ranked:
    """The places of products, best first, and their scores."""

    places: Places
    scores: Scores

    @classmethod
    def of(cls, matches: Matches, allowed: RowMask) -> "_Ranked":
        kept = allowed[matches.places]
        return cls(matches.places[kept], matches.scores[kept])

    def fused_with(self, places: Sequence[int]) -> "_Ranked":
        """With another ranking, which also orders what has the same score in this one.

        By reciprocal ranks; what is far down here has that of its own rank alone.
        """
        elsewhere = {place: rank for rank, place in enumerate(places)}
        head = self.places[:_FUSED].tolist()
        ranks = np.array([elsewhere.get(place, len(places)) for place in head])
        ordered = np.lexsort((ranks, -self.scores[:_FUSED]))
        fused = fuse([[head[number] for number in ordered], places])
        alone = ~np.isin(self.places[_FUSED:], places)
        return _Ranked(
            np.concatenate([[*fused], self.places[_FUSED:][alone]]).astype(np.int64),
            np.concatenate([[*fused.values()], 1 / (K + _FUSED + 1 + np.flatnonzero(alone))]),
        )

    def led_by(self, place: int) -> "_Ranked":
        """The same with one product first: whoever types an id means that. -1 is none."""
        if place < 0:
            return self
        rest = self.places != place
        best = self.scores.max(initial=0.0)
        return _Ranked(
            np.concatenate([[place], self.places[rest]]),
            np.concatenate([[best], self.scores[rest]]),
        )


def _allowed(gallery: Gallery, wanted: Wanted) -> RowMask:
    """By place, whether a product meets the filters and is not excluded; the last is no place."""
    view = gallery.view
    allowed = np.zeros(len(view.descriptions) + 1, np.bool_)
    allowed[view.description_of[gallery.masks.rows(wanted.filters)]] = True
    allowed[[_place_of(view, product_id) for product_id in wanted.exclude]] = False
    allowed[-1] = False
    return allowed


def _place_of(view: StoreView, product_id: str) -> int:
    """Where a product is described; -1 if it cannot be found."""
    rows = view.rows_of(product_id)
    return int(view.description_of[rows[0]]) if rows else -1


def _pictures_by_place(view: StoreView, hits: Iterable[Hit]) -> dict[int, GalleryPicture]:
    return {_place_of(view, hit.product.id): hit.picture for hit in hits}


def _hit(view: StoreView, place: int, score: float, picture: GalleryPicture | None) -> WordHit:
    product = view.descriptions[place]
    return WordHit(product, picture or view.pictures[view.rows_of(product.id)[0]], score)
