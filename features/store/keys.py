"""Numbers for keys, such as the ids of products: small enough for stores of a million pictures."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from features.store.manifest import DIGEST_SIZE

Numbers = NDArray[np.int32]
"""Numbers of keys, -1 where there is none."""

_Digests = NDArray[np.bytes_]


class Numbering:
    """A number for each key, given once and counted from 0; for any thread.

    Of a key only its digest is kept, which no other key has.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = _Known(_digests(()), np.zeros(0, np.int32))

    def __len__(self) -> int:
        """How many keys have a number."""
        return len(self._known.numbers)

    def of(self, keys: Iterable[str]) -> Numbers:
        """The numbers of some keys; those that had none get the next ones, in their order."""
        wanted = _digests(keys)
        with self._lock:
            self._known = self._known.joined_by(wanted)
        return self._known.find(wanted)

    def find(self, keys: Iterable[str]) -> Numbers:
        """The numbers of some keys, as far as they have any."""
        return self._known.find(_digests(keys))

    def number(self, key: str) -> int:
        """The number of a key, -1 if it has none."""
        return self._known.number(_digest(key))


@dataclass(frozen=True, eq=False)
class Keys:
    """What numbers the keys of a store, from version to version."""

    products: Numbering = field(default_factory=Numbering)
    contents: Numbering = field(default_factory=Numbering)


class KeyedRows:
    """The rows that have a key, found by the number of that."""

    def __init__(self, numbering: Numbering, numbers: Numbers) -> None:
        """Sort the rows.

        Args:
            numbers: of the key of each row: shape (rows,).
        """
        self._numbering = numbering
        self._rows = np.argsort(numbers, kind="stable").astype(np.int32)
        self._bounds = np.concatenate([[0], np.cumsum(np.bincount(numbers))])

    def rows(self, key: str) -> NDArray[np.int32]:
        """Ascending; none of an unknown key."""
        number = self._numbering.number(key)
        if not 0 <= number < len(self._bounds) - 1:
            return self._rows[:0]
        return self._rows[self._bounds[number] : self._bounds[number + 1]]


@dataclass(frozen=True, eq=False)
class _Known:
    """The digests of keys, sorted, and the number of each."""

    digests: _Digests
    numbers: Numbers

    def find(self, wanted: _Digests) -> Numbers:
        if not len(self.digests):
            return np.full(len(wanted), -1, np.int32)
        places = np.searchsorted(self.digests, wanted)
        places[places == len(self.digests)] = 0
        return np.where(self.digests[places] == wanted, self.numbers[places], np.int32(-1))

    def number(self, digest: bytes) -> int:
        """As `find`, several times faster for one."""
        place = int(self.digests.searchsorted(digest))
        same = place < len(self.digests) and self.digests[place] == digest.rstrip(b"\0")
        return int(self.numbers[place]) if same else -1

    def joined_by(self, wanted: _Digests) -> "_Known":
        unknown = wanted[self.find(wanted) < 0]
        if not len(unknown):
            return self
        added, first = np.unique(unknown, return_index=True)
        numbers = np.empty(len(added), np.int32)
        numbers[np.argsort(first)] = np.arange(len(self.numbers), len(self.numbers) + len(added))
        places = np.searchsorted(self.digests, added)
        return _Known(
            np.insert(self.digests, places, added), np.insert(self.numbers, places, numbers)
        )


def _digests(keys: Iterable[str]) -> _Digests:
    """Shape (keys,)."""
    return np.frombuffer(b"".join(map(_digest, keys)), dtype=f"S{DIGEST_SIZE}")


def _digest(key: str) -> bytes:
    return blake2b(key.encode(errors="surrogatepass"), digest_size=DIGEST_SIZE).digest()
