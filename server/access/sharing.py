"""Requests counted for all workers together; each counts for itself while that is out of reach.

A shop whose storage is away goes on with limits of its workers' own: neither without any, nor with
answers of 500.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from limits.storage import MovingWindowSupport, Storage, storage_from_string

from server.access.counting import LockedMemoryStorage

_SCHEME = "shared"
_PAUSE_S = 10.0
# A search takes hundredths of a second: what answers later than this is as good as away.
_PATIENCE = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class SharedStorage(LockedMemoryStorage):
    """Counts moving windows elsewhere, and in this process while no answer comes from there."""

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012 - limits reads it so, and finds the class by it

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions)
        there = uri.removeprefix(f"{_SCHEME}:")
        scheme = urlsplit(there).scheme
        patience = _PATIENCE if scheme.startswith("redis") else {}
        storage = storage_from_string(there, **patience)
        if not isinstance(storage, Storage) or not isinstance(storage, MovingWindowSupport):
            raise ValueError(f"{scheme} counts no moving windows")
        self._there: MovingWindowSupport = storage
        self._problems = storage.base_exceptions
        self._name = scheme
        self._again: float | None = None  # when it is tried again; None while it answers
        self._changing = threading.Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `MemoryStorage.acquire_entry`."""
        here = super().acquire_entry
        return self._asked(
            lambda: self._there.acquire_entry(key, limit, expiry, amount),
            lambda: here(key, limit, expiry, amount),
        )

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """See `MemoryStorage.get_moving_window`."""
        here = super().get_moving_window
        return self._asked(
            lambda: self._there.get_moving_window(key, limit, expiry),
            lambda: here(key, limit, expiry),
        )

    def _asked(self, there: Callable[[], _T], here: Callable[[], _T]) -> _T:
        if not self._is_worth_a_try():
            return here()
        try:
            said = there()
        except self._problems as problem:
            self._is_away(problem)
            return here()
        self._is_back()
        return said

    def _is_worth_a_try(self) -> bool:
        """While it is away one request now and then waits for it, and no other."""
        if self._again is None:
            return True
        with self._changing:
            due = self._again is None or time.monotonic() >= self._again
            if due and self._again is not None:
                self._again = time.monotonic() + _PAUSE_S
            return due

    def _is_away(self, problem: Exception) -> None:
        with self._changing:
            known, self._again = self._again is not None, time.monotonic() + _PAUSE_S
        if not known:
            _log.warning(
                "each process counts requests alone until %s answers again "
                "(VISUAL_SEARCH_RATE_STORAGE): %s",
                self._name,
                problem,
            )

    def _is_back(self) -> None:
        if self._again is None:
            return
        with self._changing:
            was_away, self._again = self._again is not None, None
        if was_away:
            _log.warning("requests are counted in %s again", self._name)


def shared_uri(uri: str) -> str:
    """What `limits` makes one of."""
    return f"{_SCHEME}:{uri}"
