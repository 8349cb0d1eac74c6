"""What a shop may say about its feed, beyond what the feed says itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FeedOptions:
    """How to read a feed. `columns` maps our column names to the feed's own: title -> Name."""

    format: str | None = None
    """The format's name; None recognises it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    """Of prices that name none, as an ISO 4217 code."""
    store_url: str = ""
    """The shop's address, for feeds whose products have none of their own."""
