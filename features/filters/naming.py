"""Words that name what a catalogue has: "but in blue" asks for the colour blue."""

import re
from collections.abc import Iterable, Iterator

from features.filters.fields import COLOURS, NAMED
from features.filters.inflections import uninflected
from features.filters.masks import FilterMasks
from features.filters.spelling import as_compared
from features.filters.spoken import LONGEST, said_as, sign_or_space
from features.types import Filter

_JOINING = r"\-'&\u200c\u200d"  # the last two, which nobody sees, in Persian and Indic words
_WORD = re.compile(rf"[^\s{_JOINING}]+(?:[{_JOINING}][^\s{_JOINING}]+)*")
_BETWEEN_WORDS = re.compile(rf"[^\w{_JOINING}]|_")
_MOST = 40  # words of a text


def named_filters(masks: FilterMasks, text: str) -> tuple[Filter, ...]:
    """Filters by the values of `NAMED` fields that a text names, each in either number.

    The longest come first ("navy blue" before "blue"), and no word counts twice. Several values of
    one field are alternatives.
    """
    words = _words(text)[:_MOST]
    fields = [field for field in NAMED if masks.tells(field)]
    found: dict[str, set[str]] = {}
    for start, end in _runs(len(words)):
        run = words[start:end]
        if "" in run:  # a word of it is taken
            continue
        named = _field_with(masks, fields, " ".join(run))
        if named is not None:
            field, values = named
            found.setdefault(field, set()).update(values)
            words[start:end] = [""] * len(run)
    return tuple(Filter(field, frozenset(values)) for field, values in found.items())


def _words(text: str) -> list[str]:
    """The words of a text, as values are compared, with their accents and vowel signs."""
    return _WORD.findall(_BETWEEN_WORDS.sub(sign_or_space, as_compared(text)))


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Where runs of words start and end, the longest first."""
    for length in range(min(LONGEST, count), 0, -1):
        yield from ((start, start + length) for start in range(count - length + 1))


def _field_with(
    masks: FilterMasks, fields: Iterable[str], text: str
) -> tuple[str, frozenset[str]] | None:
    """The first field with values that are said so, or inflected otherwise, and these values."""
    numbers = (text, f"{text}s", text.removesuffix("s"))
    alike = [frozenset((form, *said_as(form))) for form in numbers]
    for field in fields:
        for forms in (*alike, uninflected(text)) if field in COLOURS else alike:
            values = masks.said(field, forms)
            if values:
                return field, values
    return None
