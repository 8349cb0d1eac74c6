"""What a shopper types, as what the full-text index is asked. Nothing in it is syntax."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.errors import InvalidQueryError
from features.text.folding import runs

LONGEST_QUERY = 200


@dataclass(frozen=True)
class Term:
    """One word of a query: its pairs where its script has no spaces, else the word alone."""

    words: tuple[str, ...]
    spaceless: bool = False
    beginning: bool = False
    """Words that only begin so will do."""

    @property
    def text(self) -> str:
        """As it is typed."""
        return self.words[0] + "".join(pair[1:] for pair in self.words[1:])

    def __str__(self) -> str:
        phrase = '"' + " ".join(self.words) + '"'
        return f"{phrase} *" if self.beginning else phrase


Choices = Sequence[Term]
"""Terms that will do for a word of a query; one or more."""


def check_query(text: str) -> str:
    """The query without spaces around.

    Raises:
        InvalidQueryError: it is empty or too long.
    """
    if len(text) > LONGEST_QUERY:
        raise InvalidQueryError(
            f"q has {len(text)} characters; {LONGEST_QUERY} are the most that can be searched."
        )
    text = " ".join(text.split())
    if not text:
        raise InvalidQueryError("q is empty; say in some words what to look for.")
    return text


def terms(text: str) -> list[Term]:
    """The words of a query, each once."""
    found = [_spaceless(run) if spaceless else Term((run,)) for run, spaceless in runs(text)]
    return list(dict.fromkeys(found))


def all_of(choices: Iterable[Choices], whole: str) -> str:
    """What finds products that have all words, or are called so as a whole."""
    every = _in_fields(" AND ", choices)
    return f'{every} OR whole : "{whole}"' if whole else every


def any_of(choices: Iterable[Choices]) -> str:
    """What finds products that have any of the words."""
    return _in_fields(" OR ", choices)


def _in_fields(operator: str, choices: Iterable[Choices]) -> str:
    groups = ["(" + " OR ".join(map(str, options)) + ")" for options in choices]
    return f"- whole : ({operator.join(groups)})"


def _spaceless(run: str) -> Term:
    if len(run) == 1:
        return Term((run,), spaceless=True, beginning=True)
    pairs = tuple(run[place : place + 2] for place in range(len(run) - 1))
    return Term(pairs, spaceless=True)
