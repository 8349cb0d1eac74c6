"""Requests counted in this process, by many threads at once."""

import threading
import time

from limits.storage import MemoryStorage

_SCHEME = "memory+lock"
LOCKED_MEMORY = f"{_SCHEME}://"
"""What `limits` makes one of."""
_SWEEP_S = 60.0


class LockedMemoryStorage(MemoryStorage):
    """Counts moving windows in this process, one request at a time and without other threads.

    That of limits 5.8.0 starts a timer with nearly every request, which costs it half a millisecond
    of CPU. Two threads may even start the same one, and a request fails of it:
    https://github.com/alisaifee/limits/pull/352
    """

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012 - limits reads it so, and finds the class by it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions)
        self._one_at_a_time = threading.Lock()
        self._swept = time.monotonic()
        self.timer = _NoTimer(0, self._sweep)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `MemoryStorage.acquire_entry`."""
        with self._one_at_a_time:
            if time.monotonic() - self._swept > _SWEEP_S:
                self._sweep()
            taken = super().acquire_entry(key, limit, expiry, amount)
            if taken:
                del self.events[key][limit:]  # what is older is asked for no more
            return taken

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """See `MemoryStorage.get_moving_window`."""
        with self._one_at_a_time:
            return super().get_moving_window(key, limit, expiry)

    def _sweep(self) -> None:
        """Forget who has not come for the whole of a window."""
        self._swept, now = time.monotonic(), time.time()
        for key, entries in list(self.events.items()):
            if not entries or entries[0].expiry < now:
                self.clear(key)


class _NoTimer(threading.Timer):
    """One that seems to be under way, so that no other is started."""

    def is_alive(self) -> bool:
        return True
