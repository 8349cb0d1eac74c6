"""The version of a store that searches run against, while a newer one is being opened."""

import threading
import time
from collections.abc import Callable

from features.search.gallery import Gallery, Mark

PATIENCE_S = 1.0
"""How long searches wait for a newer version before they go on with the one that is open."""
_OPENINGS = 2


class CurrentGallery:
    """Follows the store. Safe to use from several threads.

    A change opens in tens of milliseconds, and the search after it waits for that: it sees every
    change that was committed before it began. Where opening takes longer than the patience (a
    catalogue was imported, its index is built), searches do not stand still: they go on with the
    version before until the newer one is there.
    """

    def __init__(
        self,
        newest: Callable[[], Mark],
        load: Callable[[Gallery | None], Gallery],
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Open the first version; there is none to go on with.

        Args:
            newest: the mark of the store's newest version.
            load: opens the newest version, given the one before.
        """
        self._newest = newest
        self._load = load
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._opening: _Opening | None = None
        self._gallery = load(None)

    @property
    def opened(self) -> Gallery:
        """The version that is open now; nothing is looked at."""
        return self._gallery

    def get(self) -> Gallery:
        """The newest version, or the one before where the newest takes long to open.

        Raises:
            StoreError: the newest version cannot be opened.
        """
        # An opening under way may have begun before the last change; the one after it has not.
        for _ in range(_OPENINGS):
            if self._newest() == self._gallery.mark:
                break
            if not self._begun().wait(self._patience_s):
                break
        return self._gallery

    def _begun(self) -> "_Opening":
        """The opening under way; begun now if there is none."""
        with self._lock:
            if self._opening is not None:
                return self._opening
            opening = self._opening = _Opening()
        opener = threading.Thread(target=self._open, args=[opening], name="open-store", daemon=True)
        try:
            opener.start()
        except RuntimeError:  # the system has no more threads; this one will do
            self._open(opening)
        return opening

    def _open(self, opening: "_Opening") -> None:
        try:
            self._gallery = self._load(self._gallery)
        except Exception as error:  # noqa: BLE001 - raised in the searches that wait
            failed: Exception | None = error
        else:
            failed = None
        with self._lock:
            self._opening = None
        opening.end(failed)


class _Opening:
    """A version on its way."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._over = threading.Event()
        self._failed: Exception | None = None

    def wait(self, patience_s: float) -> bool:
        """Whether it is open within so many seconds of its beginning; its error, if it failed."""
        if not self._over.wait(max(0.0, self._began + patience_s - time.monotonic())):
            return False
        if self._failed is not None:
            raise self._failed
        return True

    def end(self, failed: Exception | None) -> None:
        """Let those go on who wait."""
        self._failed = failed
        self._over.set()
