"""Where each value of a field is found."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.store import Numbering

Places = NDArray[np.int64]


class Inverted:
    """The places of each value. Of the values themselves nothing is kept but numbers."""

    def __init__(self, found: Mapping[str, Sequence[Places]]) -> None:
        self._values = Numbering()
        self._values.of(found)
        sizes = [sum(map(len, places)) for places in found.values()]
        self._bounds = np.cumsum([0, *sizes])
        parts = [part for places in found.values() for part in places]
        self._places = np.concatenate([np.zeros(0, np.int32), *parts], dtype=np.int32)

    def places(self, value: str) -> Places:
        """The places of a value; none of an unknown one."""
        number = self._values.number(value)
        first, last = (0, 0) if number < 0 else self._bounds[number : number + 2]
        return self._places[first:last].astype(np.int64)
