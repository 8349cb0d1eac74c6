"""What a run tells: while it works, and at its end."""

from dataclasses import dataclass

from features.errors import RowError


class Progress:
    """Told of every picture that is done; the default tells nobody."""

    def start(self, total: int) -> None:
        """The number of pictures is known."""

    def advance(self) -> None:
        """One more picture is done, well or not."""


@dataclass(frozen=True)
class BuildSummary:
    """What a run did. `failed` holds one error for each row or picture that was not used.

    Products are added, updated (other words, or other pictures), removed, or as they were.
    Pictures are new (they went through the network), reused, or removed. `spared` products are
    not in the catalogue as far as it could be read; they stay until it can be read whole.
    """

    products: int
    pictures: int
    added: int
    updated: int
    dropped: int
    new: int
    reused: int
    removed: int
    failed: tuple[RowError, ...]
    seconds: float
    spared: int = 0

    @property
    def pictures_per_second(self) -> float:
        """New pictures a second, the time for everything else included."""
        return self.new / self.seconds if self.seconds else 0.0
