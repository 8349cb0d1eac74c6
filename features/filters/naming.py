"""Words that name what a catalogue has: "but in blue" asks for the colour blue."""

import re
import unicodedata
from collections.abc import Iterator

from features.filters.masks import FilterMasks
from features.filters.spelling import as_compared
from features.types import Filter

NAMED = (
    "category",
    "brand",
    "color",
    "colour",
    "material",
    "fabric",
    "pattern",
    "style",
    "finish",
    "shape",
    "gender",
    "size",
)
"""Fields whose values people name, in the order in which a value is looked for."""
_JOINING = r"\-'&\u200c\u200d"  # the last two, which nobody sees, in Persian and Indic words
_WORD = re.compile(rf"[^\s{_JOINING}]+(?:[{_JOINING}][^\s{_JOINING}]+)*")
_BETWEEN_WORDS = re.compile(rf"[^\w{_JOINING}]|_")
_LONGEST = 4  # words of one value
_MOST = 40  # words of a text


def named_filters(masks: FilterMasks, text: str) -> tuple[Filter, ...]:
    """Filters by the values of `NAMED` fields that a text names, each in either number.

    The longest come first ("navy blue" before "blue"), and no word counts twice. Several values of
    one field are alternatives.
    """
    words = _words(text)[:_MOST]
    found: dict[str, set[str]] = {}
    for start, end in _runs(len(words)):
        run = words[start:end]
        if "" in run:  # a word of it is taken
            continue
        named = _field_with(masks, " ".join(run))
        if named is not None:
            field, value = named
            found.setdefault(field, set()).add(value)
            words[start:end] = [""] * len(run)
    return tuple(Filter(field, frozenset(values)) for field, values in found.items())


def _words(text: str) -> list[str]:
    """The words of a text, as values are compared, with their accents and vowel signs."""
    return _WORD.findall(_BETWEEN_WORDS.sub(_sign_or_space, as_compared(text)))


def _sign_or_space(found: re.Match[str]) -> str:
    """Signs on letters are no letters in Python's eyes."""
    return found[0] if unicodedata.category(found[0]).startswith("M") else " "


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Where runs of words start and end, the longest first."""
    for length in range(min(_LONGEST, count), 0, -1):
        yield from ((start, start + length) for start in range(count - length + 1))


def _field_with(masks: FilterMasks, value: str) -> tuple[str, str] | None:
    """The first field that has the value, or its plural or singular, and the value it has."""
    forms = (value, f"{value}s", value.removesuffix("s"))
    for field in NAMED:
        for form in forms:
            if masks.has(field, form):
                return field, form
    return None
