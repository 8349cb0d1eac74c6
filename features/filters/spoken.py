"""Values as shoppers type them: `dr martens` for `Dr. Martens`, `hm` and `h and m` for `H&M`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

LONGEST = 4
"""Words of a value that can be named."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[^\w\s+\u200c\u200d]|_")
_NO_SPACE = re.compile(r"(?<![0-9]) | (?![0-9])")  # 4-5 and 1.5 are not 45 and 15
_AND = frozenset(("and", "und", "et", "y", "e"))
# Said without naming anything: the brand I.T in "like it, but in blue", L.A. in "la robe bleue".
_LITTLE_WORDS = """
am an and are as at be but by can do for go he if in is it me my no not of on or so the to up us we
you das der die du er es im ist mit um und wie wo zu au ce de des en et la le les pas si sur un une
al com con da del di el em il las lo los na os per por que se su te tu uma una
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())


def said_as(value: str) -> frozenset[str]:
    """What may be typed for a value, as it is compared: without accents and what is no letter.

    What punctuation joins is there in parts, and as one word: `t shirt` and `tshirt`.
    """
    parts = [_parted(part) for part in _without_accents(value).replace("'", "").split()]
    inner = range(1, len(parts) - 1)
    kept = [part for n, part in enumerate(parts) if part and not (n in inner and part in _AND)]
    joined = " ".join(_NO_SPACE.sub("", part) for part in kept)
    return frozenset(form for form in (" ".join(kept), joined) if _names_something(form))


def spoken(values: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """By what may be typed, the values that are written otherwise."""
    found: dict[str, set[str]] = {}
    for value in values:
        for form in said_as(value) - {value}:
            if form.count(" ") < LONGEST:
                found.setdefault(form, set()).add(value)
    return {form: frozenset(meant) for form, meant in found.items()}


def _parted(text: str) -> str:
    """The words of a text without spaces."""
    return " ".join(_NOT_WORD.sub(sign_or_space, text).split())


def sign_or_space(found: re.Match[str]) -> str:
    """Instead of what is no letter in Python's eyes: signs on letters are a part of them."""
    return found[0] if unicodedata.category(found[0]).startswith("M") else " "


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _names_something(form: str) -> bool:
    """A letter, a little word, or a number that only had a sign, is said for many reasons."""
    return len(form) > 1 and form not in _LITTLE and not form.isdigit()
