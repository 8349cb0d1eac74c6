"""The memory of this process alone: what it has mapped from files belongs to the page cache."""

import threading
from pathlib import Path

from features.closing import Closing

_STATUS = Path("/proc/self/status")
_EVERY_S = 0.2


def own_megabytes() -> float:
    """Resident memory that is no file's."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("RssAnon:"))
    return int(kilobytes) / 1024


class Peak(Closing):
    """The most that the process had while a `with` block ran."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, own_megabytes())
            if self._over.wait(_EVERY_S):
                return
