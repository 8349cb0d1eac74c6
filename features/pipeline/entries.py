"""A catalogue's entries as they stream by: its bad rows are set aside, its products go on."""

from collections.abc import Iterable, Iterator
from itertools import chain

from features.errors import CatalogError, RowError
from features.types import CatalogEntry


class UsableEntries:
    """Iterates over the products of a catalogue; `failed` gathers its bad rows meanwhile."""

    def __init__(self, catalog: Iterable[CatalogEntry | RowError]) -> None:
        """Read up to the first product.

        Raises:
            CatalogError: there is none.
        """
        self.failed: list[RowError] = []
        source = iter(catalog)
        self._rest = self._usable(source)
        first = next(self._rest, None)
        if first is None:
            reason = f": {self.failed[0]}" if self.failed else ""
            raise CatalogError(f"the catalogue has no usable product{reason}")
        self._rest = chain([first], self._rest)
        self.pictures: int = getattr(source, "pictures", 0)
        """How many pictures there will be, where the catalogue can tell; else 0."""

    def __iter__(self) -> Iterator[CatalogEntry]:
        """Once."""
        return iter(self._rest)

    def _usable(self, source: Iterator[CatalogEntry | RowError]) -> Iterator[CatalogEntry]:
        for entry in source:
            if isinstance(entry, RowError):
                self.failed.append(entry)
            else:
                yield entry
