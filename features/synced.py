"""What the last run of a catalogue did, kept beside its stores for the shop's owner."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from features.errors import RowError
from features.json_text import read_json
from features.pipeline import BuildSummary
from features.store import replace_shared_file

LAST_SYNC = "last_sync.json"
FORMAT = 1
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class RowFailure:
    """A row or picture of the feed that was not used."""

    line: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Synced:
    """One run: when, of what, and what came of it; `code` and `detail` say why it failed."""

    purpose: str
    """As other writers were told: "importing feed.csv"."""
    feed: str
    """The feed's format."""
    started: float
    finished: float
    """Seconds since 1970, UTC."""
    counts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each store's run did, by extractor: see `counts_of`."""
    failures: int = 0
    failed: tuple[RowFailure, ...] = ()
    """The first of the failures."""
    code: str = ""
    detail: str = ""


def row_failures(errors: Iterable[RowError], most: int = _MOST_ROWS) -> tuple[RowFailure, ...]:
    """The first of some errors, as they are kept and shown."""
    return tuple(RowFailure(e.line, e.row_code, str(e.args[0])) for e in islice(errors, most))


def counts_of(summary: BuildSummary) -> dict[str, Any]:
    """What a run did, in numbers; its errors apart."""
    return {name: value for name, value in vars(summary).items() if name != "failed"}


def read_synced(folder: Path) -> Synced | None:
    """The last run for the stores of a folder; None where none is known, or it cannot be read."""
    try:
        data = read_json((folder / LAST_SYNC).read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT:
            return None
        data["failed"] = tuple(RowFailure(**failure) for failure in data["failed"])
        return Synced(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_synced(folder: Path, synced: Synced) -> None:
    """Keep what a run did; where that cannot be written, the run was one all the same."""
    content = json.dumps({"format": FORMAT, **asdict(synced)}, indent=1) + "\n"
    with suppress(OSError):
        replace_shared_file(folder, LAST_SYNC, content.encode())
