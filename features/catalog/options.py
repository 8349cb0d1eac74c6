"""What a shop may say about its feed, beyond what the feed says itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from features.errors import CatalogError


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
    encoding: str = ""
    """How its letters are written, where the feed does not say so itself; UTF-8 if empty."""


def parse_column_map(texts: Iterable[str]) -> dict[str, str]:
    """`title=Name` for each column: our name, then the feed's own header.

    Raises:
        CatalogError: a text is not written so, or a column is mapped twice.
    """
    columns: dict[str, str] = {}
    for text in texts:
        target, equals, source = (part.strip() for part in text.partition("="))
        if not (target and equals and source):
            raise CatalogError(
                f"the column map {text!r} says nothing; write our column, an equals sign and the "
                "feed's header: title=Name"
            )
        if columns.setdefault(target.lower(), source) != source:
            raise CatalogError(
                f"the column {target!r} is mapped twice, to {columns[target.lower()]!r} and to "
                f"{source!r}; leave one out"
            )
    return columns
