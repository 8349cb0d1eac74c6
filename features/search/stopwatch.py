"""How long the stages of a search take."""

import time


class StopWatch:
    """Milliseconds between laps, the first from its making."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Milliseconds since the last lap."""
        before, self._last = self._last, time.perf_counter()
        return (self._last - before) * 1000
