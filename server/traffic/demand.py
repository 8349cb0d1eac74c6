"""How much is asked, as a share of what can be computed."""

import math

_CROWD = 2.0
_MEMORY_S, _MEMORY_SEARCHES = 0.5, 10
"""What was asked before counts for a third after so long: seconds, searches if they take longer."""
_NEWEST = 0.125


class Demand:
    """For the searches of one process, also for those that it refuses."""

    def __init__(self, at_once: int) -> None:
        self.usual_s = 0.0
        """What a search takes of late."""
        self._at_once = at_once
        self._came = 0.0
        self._at = 0.0

    def note_one(self, now: float) -> None:
        """Somebody comes."""
        self._came = self._remembered(now) + 1.0
        self._at = now

    def forget_one(self, now: float) -> None:
        """Somebody who came a moment ago asks for nothing."""
        self._came = max(0.0, self._remembered(now) - 1.0)
        self._at = now

    def note_taken(self, seconds: float) -> None:
        """A search is over, after so long."""
        self.usual_s += (seconds - self.usual_s) * (_NEWEST if self.usual_s else 1.0)

    def is_crowd(self, now: float) -> bool:
        """Whether, of late, at least twice as much is asked as can be computed."""
        needed_s = self._remembered(now) * self.usual_s
        return needed_s >= _CROWD * self._memory_s * self._at_once

    @property
    def _memory_s(self) -> float:
        return max(_MEMORY_S, _MEMORY_SEARCHES * self.usual_s)

    def _remembered(self, now: float) -> float:
        return self._came * math.exp((self._at - now) / self._memory_s)
