"""Where each value of a field is found."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from features.store import Numbering

Places = NDArray[np.int64]


class Inverted:
    """The places of each value. Of the values themselves nothing is kept but numbers."""

    def __init__(self, kinds: Places, values: Iterable[Iterable[str]]) -> None:
        """Turn values by place into places by value.

        Args:
            kinds: what kind each place is of, counted from 0: shape (places,).
            values: those of each kind.
        """
        numbers: dict[str, int] = {}
        numbered = [[numbers.setdefault(text, len(numbers)) for text in texts] for texts in values]
        self._numbering = Numbering()
        self._numbering.of(numbers)
        sizes = np.array([len(texts) for texts in numbered], dtype=np.int64)
        flat = np.array([number for texts in numbered for number in texts], dtype=np.int64)
        repeated = sizes[kinds]
        found = flat[_ranges((np.cumsum(sizes) - sizes)[kinds], repeated)]
        places = np.repeat(np.arange(len(kinds), dtype=np.int32), repeated)
        self._places = places[np.argsort(found, kind="stable")]
        self._bounds = np.cumsum([0, *np.bincount(found).tolist()])

    def places(self, value: str) -> NDArray[np.int32]:
        """The places of a value, ascending; none of an unknown one."""
        number = self._numbering.number(value)
        first, last = (0, 0) if number < 0 else self._bounds[number : number + 2].tolist()
        return self._places[first:last]


def _ranges(starts: Places, sizes: Places) -> Places:
    """The numbers from each start on, as many as its size says, one range after the other."""
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
