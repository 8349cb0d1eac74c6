"""From words to products: those that have all of them first, then what was likely meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.filters.fields import category_steps
from features.text.database import Scores, WordsDatabase
from features.text.folding import whole, words
from features.text.forms import other_forms
from features.text.index import Indexed
from features.text.query import Choices, Term, all_of, any_of, terms
from features.text.rows import Places
from features.types import Product

_WHILE_TYPING = 1_000  # products that are looked at
_SHORTEST_BEGINNING = 2  # letters that a beginning needs where nobody is typing any more


@dataclass(frozen=True, eq=False)
class Matches:
    """The products that words match, the best first."""

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

    All words must be there, in singular or plural; then with typos undone, or the last word as a
    beginning; then any of them will do. The first that finds anything is the answer.

    Args:
        typing: the last word is not finished; any products will do where very many match.
    """
    asked, most = terms(text), _WHILE_TYPING if typing else -1
    if not asked:
        return Matches(np.zeros(0, np.int64), np.zeros(0))
    for choices in _attempts(indexed.database, asked, typing=typing):
        meant = _meant(asked, choices)
        places, scores = _found(indexed, all_of(choices, whole(meant or text)), most)
        if len(places):
            return Matches(places, scores, True, meant, choices)
    places, scores = _found(indexed, any_of(choices, ""), most)
    return Matches(places, scores, False, meant if len(places) else "", choices)


def suggest_words(
    products: Iterable[Product], choices: Sequence[Choices], most: int
) -> list[Suggestion]:
    """What the words may become, by the products that they match: categories and brands first."""
    products = list(products)
    named = [
        Suggestion(text, kind)
        for product in products
        for kind, texts in (
            ("category", category_steps(product.category)),
            ("brand", [product.brand]),
        )
        for text in texts
        if text and _does(choices, text)
    ]
    titled = [Suggestion(product.title, "product") for product in products if product.title]
    first = list({suggestion.text.casefold(): suggestion for suggestion in named}.values())
    every = [*first[: most // 2], *titled]
    distinct = {suggestion.text.casefold(): suggestion for suggestion in reversed(every)}
    return list(reversed(distinct.values()))[:most]


def _attempts(
    database: WordsDatabase, asked: Sequence[Term], *, typing: bool
) -> Iterator[list[Choices]]:
    """What to take each word for: first as it is, where any product has it, then for others."""
    last = asked[-1]
    known = _known(database, asked)
    plain = [
        _as_typed(database, term, known, typing=typing and term is last, last=term is last)
        for term in asked
    ]
    yield plain
    yield [
        list(
            dict.fromkeys(
                [*choices, *_beginning(database, term, term is last), *_near(database, term)]
            )
        )
        for term, choices in zip(asked, plain, strict=True)
    ]


def _known(database: WordsDatabase, asked: Iterable[Term]) -> set[str]:
    words = {word for term in asked for word in (*term.words, *other_forms(term.words[0]))}
    return set(database.counts(sorted(words)))


def _as_typed(
    database: WordsDatabase, term: Term, known: set[str], *, typing: bool, last: bool
) -> list[Term]:
    """The word and its other form, else what it may begin, else what it may mean."""
    if term.spaceless:
        return [replace(term, beginning=term.beginning or typing)]
    forms = [
        Term((word,)) for word in (term.words[0], *other_forms(term.words[0])) if word in known
    ]
    if typing:
        forms = [*_beginning(database, term, True, shortest=1), *forms]
    return forms or _beginning(database, term, last) or _near(database, term) or [term]


def _beginning(
    database: WordsDatabase, term: Term, last: bool, *, shortest: int = _SHORTEST_BEGINNING
) -> list[Term]:
    """The word as the beginning of others, if it is the last one and there are any."""
    letters = term.words[0]
    if not last or term.spaceless or len(letters) < shortest:
        return []
    return [replace(term, beginning=True)] if database.has_beginning(letters) else []


def _near(database: WordsDatabase, term: Term) -> list[Term]:
    if term.spaceless:
        return []
    return [Term((word,)) for word in database.vocabulary().near(term.words[0])]


def _found(indexed: Indexed, expression: str, most: int) -> tuple[Places, Scores]:
    """The products of the version that match, the best first; ties in the catalogue's order."""
    rows, scores = indexed.database.match(expression, most)
    places, kept = indexed.map.places(rows)
    scores = scores[kept]
    order = np.lexsort((places, -scores))
    return places[order], scores[order]


def _meant(asked: Sequence[Term], choices: Sequence[Choices]) -> str:
    """The query with the likeliest word for each that none has; empty if all are as typed."""
    likeliest = [
        term if _is_of(term, options) else options[0]
        for term, options in zip(asked, choices, strict=True)
    ]
    if likeliest == list(asked):
        return ""
    return " ".join(term.text for term in likeliest)


def _is_of(term: Term, options: Choices) -> bool:
    """Whether a word stands for itself, its other form, or a beginning."""
    own = {term.text, *other_forms(term.text)}
    return any(option.text in own for option in options)


def _does(choices: Sequence[Choices], text: str) -> bool:
    """Whether a text has every word."""
    there = words(text)
    return all(any(_is_in(term, there) for term in options) for options in choices)


def _is_in(term: Term, there: Sequence[str]) -> bool:
    if term.beginning:
        return any(word.startswith(term.words[-1]) for word in there)
    return set(term.words) <= set(there)
