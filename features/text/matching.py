"""From words to products: those that have all of them first, then what was likely meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from features.filters.fields import category_steps
from features.filters.spelling import as_compared
from features.text.database import Scores
from features.text.folding import whole, words
from features.text.index import Indexed
from features.text.meaning import Meanings, meant
from features.text.query import Choices, Term, all_of, any_of, terms
from features.text.rows import Places
from features.types import Product

_WHILE_TYPING = 1_000  # products that are looked at


@dataclass(frozen=True, eq=False)
class Matches:
    """The products that words match, the best first; ties in the catalogue's order."""

    places: Places
    scores: Scores
    """BM25; comparable only with each other."""
    all_words: bool = True
    """Whether every product has all words."""
    meant: str = ""
    """The query with its typos undone, where that is what was searched."""
    choices: Sequence[Choices] = ()
    """What did for each word."""


@dataclass(frozen=True)
class Suggestion:
    """What a query may become: the name of a category, of a brand, or of a product."""

    text: str
    kind: str


def find_words(indexed: Indexed, text: str, *, typing: bool = False) -> Matches:
    """The products that are described by some words.

    All words must be there, in either number; then with typos undone, or the last word as a
    beginning; then any of them will do. The first that finds anything is the answer.

    Args:
        typing: the last word is not finished; any products will do where very many match.
    """
    asked, most = terms(text), _WHILE_TYPING if typing else -1
    if not asked:
        return Matches(np.zeros(0, np.int64), np.zeros(0))
    meanings = Meanings(indexed.database, asked, typing=typing)
    for take in (meanings.as_typed, meanings.at_large):
        choices = take()
        told = meant(asked, choices)
        places, scores = _found(indexed, all_of(choices, whole(told or text)), most)
        if len(places):
            return Matches(places, scores, True, told, choices)
    places, scores = _found(indexed, any_of(choices), most)
    return Matches(places, scores, False, told if len(places) else "", choices)


def suggest_words(
    products: Iterable[Product], choices: Sequence[Choices], most: int
) -> list[Suggestion]:
    """What the words may become, by the products that they match: categories and brands first."""
    products = list(products)
    named = _distinct(
        suggestion
        for product in products
        for suggestion in _names(product)
        if _has_words(suggestion.text, choices)
    )
    titled = [Suggestion(product.title, "product") for product in products if product.title]
    return _distinct([*named[: most // 2], *titled])[:most]


def _found(indexed: Indexed, expression: str, most: int) -> tuple[Places, Scores]:
    rows, scores = indexed.database.match(expression, most)
    places, kept = indexed.map.places(rows)
    scores = scores[kept]
    order = np.lexsort((places, -scores))
    return places[order], scores[order]


def _names(product: Product) -> list[Suggestion]:
    """Its category, step by step, and its brand."""
    steps = [Suggestion(step, "category") for step in category_steps(product.category)]
    return [*steps, Suggestion(product.brand, "brand")] if product.brand else steps


def _distinct(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Each text once, by whoever says it first."""
    first: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        first.setdefault(as_compared(suggestion.text), suggestion)
    return list(first.values())


def _has_words(text: str, choices: Sequence[Choices]) -> bool:
    there = words(text)
    return all(any(_is_in(term, there) for term in options) for options in choices)


def _is_in(term: Term, there: Sequence[str]) -> bool:
    if term.beginning:
        return any(word.startswith(term.words[-1]) for word in there)
    return set(term.words) <= set(there)
