"""One job as a value: what was asked, how far it is, what came of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from features.json_text import read_json
from features.synced import RowFailure


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True)
class Job:
    """An import of one feed, or of the pictures of a collection.

    Times are seconds since 1970, UTC; `total` is 0 until it is known.
    """

    id: str
    name: str
    """The feed's file name, as it was sent."""
    feed: str
    """The file in the job's folder."""
    created: float
    options: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `FeedOptions`, and `keep_missing`."""
    collection: str = ""
    """The id of the collection that it fills; empty for the catalogue."""
    state: JobState = JobState.QUEUED
    attempts: int = 0
    started: float | None = None
    finished: float | None = None
    done: int = 0
    total: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    """What each store's run did, by extractor."""
    failures: int = 0
    failed: tuple[RowFailure, ...] = ()
    """The first of the failures."""
    code: str = ""
    detail: str = ""
    """Why it failed, or what it waits for."""

    @property
    def is_final(self) -> bool:
        """Nothing more will happen to it."""
        return self.state in FINAL

    def to_json(self) -> str:
        """For its file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """The job that `to_json` wrote; a ValueError, KeyError or TypeError for any other text."""
        data = read_json(text)
        data["state"] = JobState(data["state"])
        data["failed"] = tuple(RowFailure(**failure) for failure in data["failed"])
        return cls(**data)
