"""Words as they are compared: without case and accents; of scripts without spaces, pairs."""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64
# Thai, Lao, Burmese, Khmer, kana, and Chinese characters: nothing tells where a word ends.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Of Indic scripts also the vowel signs, which Python does not count among letters.
_RUN = re.compile(rf"([{_SPACELESS}]+)|((?:[^\W_{_SPACELESS}]|[\u0900-\u0963\u0966-\u0df3])+)")
# Accents, points and vowels that may be left out, and what nobody sees.
_DROPPED = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u200b-\u200f\ufe00-\ufe0f]"
    "|['\u2019\u02bc](?=s\\b)"
)
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def fold(text: str) -> str:
    """The text without case, width and accents: `Crème Brûlée` is `creme brulee`."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", plain).translate(_LETTERS)
    return unicodedata.normalize("NFC", _DROPPED.sub("", plain))


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a text, and whether each is a run of a script without spaces."""
    for spaceless, word in _RUN.findall(fold(text)):
        yield (spaceless, True) if spaceless else (word[:LONGEST_WORD], False)


def words(text: str) -> list[str]:
    """The words that a text is found by."""
    return [word for run, spaceless in runs(text) for word in (_pairs(run) if spaceless else [run])]


def whole(text: str) -> str:
    """The text as one word, whatever is between its letters: `AB-12 3` is `ab123`."""
    joined = "".join(run for run, _ in runs(text))
    return joined if len(joined) <= LONGEST_WORD else ""


def _pairs(run: str) -> list[str]:
    """Each character with the next one; the last one alone."""
    return [run[place : place + 2] for place in range(len(run))]
