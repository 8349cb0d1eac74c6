"""A catalogue's entries as they stream by: its bad rows are set aside, its products go on."""

from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from features.catalog import GroupedProducts
from features.closing import Closing
from features.errors import CatalogError, RowError
from features.types import CatalogEntry


class UsableEntries(Closing):
    """Iterates once over the products of a catalogue; `failed` gathers its bad rows meanwhile.

    A context manager: however the iteration ends, what the catalogue has open is closed.
    """

    def __init__(self, catalog: Iterable[CatalogEntry | RowError]) -> None:
        """Read up to the first product.

        Raises:
            CatalogError: there is none.
        """
        self.failed: list[RowError] = []
        self._source = iter(catalog)
        usable = self._usable()
        first = next(usable, None)
        if first is None:
            reason = f": {self.failed[0]}" if self.failed else ""
            raise CatalogError(f"the catalogue has no usable product{reason}; nothing was changed")
        self._entries = chain([first], usable)
        source = self._source
        self.pictures = source.pictures if isinstance(source, GroupedProducts) else 0
        """How many pictures there will be, where the catalogue can tell; else 0."""

    @property
    def complete(self) -> bool:
        """Whether what was not met up to now is not in the catalogue, as all of it can be read."""
        return not any(error.unread for error in self.failed)

    def __iter__(self) -> Iterator[CatalogEntry]:
        return self._entries

    def close(self) -> None:
        """Let go of what the catalogue has open."""
        if isinstance(self._source, GroupedProducts | Generator):
            self._source.close()

    def _usable(self) -> Iterator[CatalogEntry]:
        for entry in self._source:
            if isinstance(entry, RowError):
                self.failed.append(entry)
            else:
                yield entry
