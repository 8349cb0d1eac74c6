"""Whether the whole machine stood still for a while: then no late answer says anything."""

import threading
import time

from features.closing import Closing

_STEP_S = 0.1
_LONG_S = 2.0
_RECOVERS_S = 60.0
"""The server's master ends workers that it has not heard of for half a minute."""


class Standstill(Closing):
    """Watches the clock in a thread of its own until it is closed."""

    def __init__(self) -> None:
        self._last = -_RECOVERS_S
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    @property
    def was_just_now(self) -> bool:
        """Whether nothing ran for two seconds, less than a minute ago."""
        return time.monotonic() - self._last < _RECOVERS_S

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while True:
            before = time.monotonic()
            if self._over.wait(_STEP_S):
                return
            if time.monotonic() - before > _LONG_S:
                self._last = time.monotonic()
