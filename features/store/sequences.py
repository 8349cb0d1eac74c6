"""Sequences of what is made when it is asked for."""

import operator
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain
from typing import SupportsIndex, TypeVar, overload

from features.store.records import Table

T = TypeVar("T")


class _Lazy(Sequence[T]):
    """Equal to every sequence of the same items."""

    @abstractmethod
    def _at(self, place: int) -> T:
        """The item of a place, 0 <= place < len(self)."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> T | Sequence[T]:
        """As a tuple has it."""
        if isinstance(place, slice):
            return tuple(self._at(n) for n in range(*place.indices(len(self))))
        return self._at(range(len(self))[operator.index(place)])

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same items."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]


class Parsed(_Lazy[T]):
    """The records of a table, each as what it stands for."""

    def __init__(self, table: Table, parse: Callable[[Sequence[str]], T]) -> None:
        self._table = table
        self._parse = parse

    def __len__(self) -> int:
        """The records of the table."""
        return len(self._table)

    def __iter__(self) -> Iterator[T]:
        """All of them, faster than one by one."""
        return map(self._parse, self._table.records())

    def _at(self, place: int) -> T:
        return self._parse(self._table.record(place))


class Joined(_Lazy[T]):
    """Sequences as if they were one."""

    def __init__(self, parts: Sequence[Sequence[T]]) -> None:
        self._parts = parts
        self._starts = list(accumulate(map(len, parts), initial=0))

    def __len__(self) -> int:
        """The items of all parts."""
        return self._starts[-1]

    def __iter__(self) -> Iterator[T]:
        """All of them, part by part."""
        return chain.from_iterable(self._parts)

    def _at(self, place: int) -> T:
        part = bisect_right(self._starts, place) - 1
        return self._parts[part][place - self._starts[part]]
