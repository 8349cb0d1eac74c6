"""A feed's bytes, wherever they lie: in a file, or in an archive."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class FeedFile:
    """A file that can be opened again and again; `name` is what messages call it."""

    name: str
    open: Callable[[], BinaryIO]

    @classmethod
    def at(cls, path: Path) -> "FeedFile":
        """The feed in a file of its own."""
        return cls(str(path), lambda: path.open("rb"))
