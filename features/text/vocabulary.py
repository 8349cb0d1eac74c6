"""The words of a catalogue, and those among them that a mistyped one may mean."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST = 6
_BITS = 64
_CHUNK = 10_000


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words with how many products have each; shapes (n,)."""

    words: Sequence[str]
    counts: Sequence[int]
    letters: NDArray[np.uint64]
    """A bit for every letter in a word."""
    lengths: NDArray[np.int16]

    @classmethod
    def of(cls, counted: Iterable[tuple[str, int]]) -> "Vocabulary":
        """Words, each with its count."""
        counted = list(counted)
        words = [word for word, _ in counted]
        chunks = [words[first : first + _CHUNK] for first in range(0, len(words), _CHUNK)]
        letters = [np.zeros(0, np.uint64), *map(_letters, chunks)]
        lengths = np.array([*map(len, words)], np.int16)
        return cls(words, [count for _, count in counted], np.concatenate(letters), lengths)

    def with_more(self, counted: Iterable[tuple[str, int]]) -> "Vocabulary":
        """These words and others; who is asking this one meanwhile is not disturbed."""
        more = Vocabulary.of(counted)
        if not more.words:
            return self
        return Vocabulary(
            [*self.words, *more.words],
            [*self.counts, *more.counts],
            np.concatenate([self.letters, more.letters]),
            np.concatenate([self.lengths, more.lengths]),
        )

    def near(self, word: str) -> list[str]:
        """The other words with the fewest typos between, the likeliest first."""
        most = most_typos(word)
        if not most:
            return []
        found = sorted(
            (typos, self.words[place][0] != word[0], -self.counts[place], self.words[place])
            for place, typos in self._typos(word, self._maybe(word, most))
            if 0 < typos <= most
        )
        return [other for typos, *_, other in found[:_MOST] if typos == found[0][0]]

    def _typos(self, word: str, places: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """Each of some places with how many typos are between."""
        for first in range(0, len(places), _CHUNK):
            some = places[first : first + _CHUNK].tolist()
            yield from zip(
                some, distances(word, [self.words[at] for at in some]).tolist(), strict=True
            )

    def _maybe(self, word: str, most: int) -> NDArray[np.int64]:
        """The places of the words that have almost the same length and letters."""
        near = np.abs(self.lengths - len(word)) <= most
        # A typo takes away one letter of a word and brings in one.
        differing = np.bitwise_count(self.letters ^ _letters([word]))
        places: NDArray[np.int64] = np.flatnonzero(near & (differing <= 2 * most))
        return places


def most_typos(word: str) -> int:
    """How many typos a word may have: none in short ones and in numbers, which mean themselves."""
    if len(word) < 3 or not word.isalpha():
        return 0
    return 1 if len(word) < 6 else 2


def distances(word: str, others: Sequence[str]) -> NDArray[np.int16]:
    """Letters added, left out, replaced, or swapped with their neighbour: shape (len(others),).

    The optimal string alignment distance, to all of them at once: they may be ten thousands.
    """
    facing = _codes(others).T
    before = last = np.tile(np.arange(len(facing) + 1, dtype=np.int16)[:, None], len(others))
    for row, letter in enumerate(map(ord, word), start=1):
        same = facing == letter
        current = np.empty_like(last)
        current[0] = row
        for column in range(1, len(last)):
            cost = np.minimum(last[column], current[column - 1]) + 1
            np.minimum(cost, last[column - 1] + ~same[column - 1], out=cost)
            if row > 1 and column > 1:
                swapped = same[column - 2] & (facing[column - 1] == ord(word[row - 2]))
                np.minimum(cost, before[column - 2] + 1, out=cost, where=swapped)
            current[column] = cost
        before, last = last, current
    lengths = np.fromiter(map(len, others), np.int64)
    found: NDArray[np.int16] = last[lengths, np.arange(len(others))]
    return found


def _codes(words: Sequence[str]) -> NDArray[np.uint32]:
    """The letters of each word, and zeros behind it: shape (words, longest)."""
    return np.array(words, dtype=np.str_).view(np.uint32).reshape(len(words), -1)


def _letters(words: Sequence[str]) -> NDArray[np.uint64]:
    """For each word a bit for every letter in it: shape (words,)."""
    codes = _codes(words)
    bits = np.where(codes > 0, np.uint64(1) << (codes % _BITS).astype(np.uint64), np.uint64(0))
    masks: NDArray[np.uint64] = np.bitwise_or.reduce(bits, axis=1)
    return masks
