"""What attacks of one kind came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """How many of a kind were tried, and each that got through, in words."""

    kind: str
    tried: int
    through: tuple[str, ...] = ()
