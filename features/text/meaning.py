"""What each word of a query is taken for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from features.text.database import WordsDatabase
from features.text.forms import other_forms
from features.text.query import Choices, Term

_SHORTEST_BEGINNING = 2  # letters, where nobody is typing any more


class Meanings:
    """What the words of a query may mean in a catalogue."""

    def __init__(self, database: WordsDatabase, asked: Sequence[Term], *, typing: bool) -> None:
        """Look up which words there are.

        Args:
            typing: the last word is not finished.
        """
        self._database = database
        self._asked = asked
        self._typing = typing
        words = {word for term in asked for word in (term.words[0], *other_forms(term.words[0]))}
        self._known = set(database.counts(sorted(words)))
        self._nearest = cache(lambda word: database.vocabulary().near(word))

    def as_typed(self) -> list[Choices]:
        """Each word in either number; for one that no product has, what it may begin or mean."""
        return [self._itself(term) or self._others(term) or [term] for term in self._asked]

    def at_large(self) -> list[Choices]:
        """Each word also as a beginning, if it is the last, and with typos undone."""
        return [
            list(dict.fromkeys([*plain, *self._begun(term), *self._near(term)]))
            for term, plain in zip(self._asked, self.as_typed(), strict=True)
        ]

    def _itself(self, term: Term) -> list[Term]:
        unfinished = self._typing and term is self._asked[-1]
        if term.spaceless:
            return [replace(term, beginning=term.beginning or unfinished)]
        words = (term.words[0], *other_forms(term.words[0]))
        forms = [Term((word,)) for word in words if word in self._known]
        return [*self._begun(term), *forms] if unfinished else forms

    def _others(self, term: Term) -> list[Term]:
        return self._begun(term) or self._near(term)

    def _begun(self, term: Term) -> list[Term]:
        """The last word as the beginning of others, if there are any."""
        letters = term.words[0]
        shortest = 1 if self._typing else _SHORTEST_BEGINNING
        if term is not self._asked[-1] or term.spaceless or len(letters) < shortest:
            return []
        return [replace(term, beginning=True)] if self._database.has_beginning(letters) else []

    def _near(self, term: Term) -> list[Term]:
        if term.spaceless:
            return []
        return [Term((word,)) for word in self._nearest(term.words[0])]


def meant(asked: Sequence[Term], choices: Sequence[Choices]) -> str:
    """The query with the likeliest word for each that no product has; empty if all are there."""
    likeliest = [
        term if _stands_for_itself(term, options) else options[0]
        for term, options in zip(asked, choices, strict=True)
    ]
    return "" if likeliest == list(asked) else " ".join(term.text for term in likeliest)


def _stands_for_itself(term: Term, options: Choices) -> bool:
    """Whether it is there, in either number, or as a beginning."""
    own = {term.text, *other_forms(term.text)}
    return any(option.text in own for option in options)
